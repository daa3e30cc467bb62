"""Retrofit: measures, candidates, ranking, programmes."""

from heatnet.retrofit.candidate import Candidate
from heatnet.retrofit.measures import MEASURES
from heatnet.retrofit.proposals import PROPOSALS
from heatnet.retrofit.proposing import proposed, worth
from heatnet.retrofit.ranking import Ranking, rank
from heatnet.retrofit.reading import read_study
from heatnet.retrofit.study import BASELINES, CRITERIA, Choices, Study, study

__all__ = [
    "BASELINES", "CRITERIA", "MEASURES", "PROPOSALS", "Candidate", "Choices", "Ranking", "Study", "proposed", "rank", "read_study", "study",
    "worth",
]
