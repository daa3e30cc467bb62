"""Retrofit: measures, candidates, ranking, programmes."""

from heatnet.retrofit.candidate import Candidate
from heatnet.retrofit.measures import MEASURES
from heatnet.retrofit.portfolio import Programme, choose
from heatnet.retrofit.proposals import PROPOSALS
from heatnet.retrofit.proposing import proposed, worth
from heatnet.retrofit.ranking import Ranking, rank
from heatnet.retrofit.reading import read_study, read_winter
from heatnet.retrofit.study import BASELINES, CRITERIA, Choices, Study, study
from heatnet.retrofit.underway import UnderWay, Winter, under_way

__all__ = [
    "BASELINES", "CRITERIA", "MEASURES", "PROPOSALS", "Candidate", "Choices", "Programme", "Ranking", "Study", "UnderWay", "Winter",
    "choose", "proposed", "rank", "read_study", "read_winter", "study", "under_way", "worth",
]
