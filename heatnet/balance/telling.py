"""A balance in a few lines, in Chinese and English."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from heatnet.components import Consumer

if TYPE_CHECKING:
    from collections.abc import Iterable

    from heatnet.balance.result import Balance
    from heatnet.balance.shortage import Shortage

FEW, SHOWN, PIPES = 8, 10, 4  # names in a line, lines of one kind, things in the way
LANGUAGES = ("zh", "en")
BACK = 1e-6  # kg/s, less is water that stands
TEXTS = {
    "alone": ("{name}：{target}；管网已平衡，无需调节", "{name}: {target}; balanced already, nothing to set"),
    "set": ("{name}：{target}；需调节阀门 {n} 个", "{name}: {target}; {n} valves to set"),
    "design flow": ("设计流量", "design flow"),
    "load flow": ("现状设计热负荷对应的流量", "load flow"),
    "room temperature": ("最小流量下一致且合格的室温", "room temperature"),
    "opened": (
        "{n} 个热力入口现为关闭，将予开启：{names}", "{n} inlets were found shut and are opened: {names}",
    ),
    "more": (" 等（另有 {n} 个）", " and {n} more"),
    "index": ("最不利环路：{name}（由 {drives} 驱动），其阀门保持全开", "index circuit: {name} (driven by {drives}), its valve stays open"),
    "fixed": ("不作调整的扬程和转速", "lifts and speeds that stay as they are"),
    "device": ("{table} {name}：{column} {before} → {after}", "{table} {name}: {column} {before} -> {after}"),
    "plant": ("热源", "plant"),
    "pump": ("水泵", "pump"),
    "consumer": ("热力入口", "consumer"),
    "lift [kPa]": ("扬程 [kPa]", "lift [kPa]"),
    "lift_least [kPa]": ("零流量扬程 [kPa]", "lift_least [kPa]"),
    "difference [kPa]": ("压差设定值 [kPa]", "difference [kPa]"),
    "speed [-]": ("转速 [-]", "speed [-]"),
    "ratio": ("流量/目标流量：{low}～{high}（调节前 {low0}～{high0}）", "flow over wanted: {low} to {high} (before {low0} to {high0})"),
    "short": (
        "{n} 个热力入口压头不足，其余入口得到目标流量的 {share}：",
        "{n} consumers stay short of pressure; the others get {share} of what is wanted:",
    ),
    "lift": (
        "  {name}：缺压头 {missing} kPa，流量比 {ratio}；受阻于：{pipes}",
        "  {name}: {missing} kPa missing, flow ratio {ratio}; in the way: {pipes}",
    ),
    "valve": (
        "  {name}：阀门未全开且不在调节之列，流量比 {ratio}；受阻于：{pipes}",
        "  {name}: its valve is not fully open and not among those set, flow ratio {ratio}; in the way: {pipes}",
    ),
    "own": ("其自身阀门", "its own valve"),
    "no steep": ("无高比摩阻管段，系扬程不足", "no steep pipe, the lift is too small"),
    "far": (
        "  {name}：扬程不超过 {most} kPa 时无法得到目标流量，流量比 {ratio}；受阻于：{pipes}",
        "  {name}: no lift up to {most} kPa brings its flow, flow ratio {ratio}; in the way: {pipes}",
    ),
    "opposed": (
        "  {name}：扬程不超过 {most} kPa 时无法得到目标流量，流量比 {ratio}；该处压力由其他设备决定：{pipes}",
        "  {name}: no lift up to {most} kPa brings its flow, flow ratio {ratio}; the pressures there are set by: {pipes}",
    ),
    "shut": (
        "  {name}：没有从热源到此的畅通管路，流量比 {ratio}；关闭或只能反向流通的设备：{pipes}",
        "  {name}: no open way leads there from a plant, flow ratio {ratio}; shut, or open the other way only: {pipes}",
    ),
    "island": (
        "  {name}：位于无热源的孤立管网中，没有任何管路与热源相连",
        "  {name}: stands in an island of the network; nothing leads there from any plant",
    ),
    "nothing": ("（未查明）", "nothing that could be named"),
    "cut": ("{n} 个热力入口与热源不连通：", "{n} consumers are cut off from every plant:"),
    "and more": ("  另有 {n} 个", "  and {n} more"),
    "backward": (
        "{n} 个热力入口阀门开启但水倒流，应关闭或加装止回阀：{names}",
        "in {n} open inlets water runs backward; shut them or fit non-return valves: {names}",
    ),
    "missed": (
        "未达到平衡：{n} 个热力入口压头充足但偏离目标流量：", "not balanced: off target although no pressure is missing, {n} in all:",
    ),
    "off": ("  {name}：流量比 {ratio}", "  {name}: flow ratio {ratio}"),
    "off fixed": ("  {name}：流量比 {ratio}，其阀门不在调节之列", "  {name}: flow ratio {ratio}, its valve is not among those set"),
}


def summary(balance: Balance, lang: str = "en") -> str:
    """The balance in a few lines; ValueError for another language than zh and en."""
    if lang not in LANGUAGES:
        raise ValueError(f"lang = '{lang}' is not one of {', '.join(LANGUAGES)}")
    lines = [*_settings(balance, lang), *_shortages(balance, lang)]
    if balance.backward:
        lines.append(_say(lang, "backward", n=len(balance.backward), names=_names(lang, balance.backward)))
    if balance.missed:
        lines.append(_say(lang, "missed", n=len(balance.missed)))
        lines += [
            _say(lang, "off" if one.settable else "off fixed", name=one.consumer, ratio=f"{one.flow_ratio:.3f}")
            for one in balance.missed[:SHOWN]
        ]
        lines += _rest(lang, len(balance.missed))
    return "\n".join(lines)


def _say(lang: str, key: str, **values: object) -> str:
    return TEXTS[key][LANGUAGES.index(lang)].format(**values)


def _names(lang: str, names: Iterable[str]) -> str:
    listed = list(names)
    return ", ".join(listed[:FEW]) + (_say(lang, "more", n=len(listed) - FEW) if len(listed) > FEW else "")


def _rest(lang: str, count: int) -> list[str]:
    return [_say(lang, "and more", n=count - SHOWN)] if count > SHOWN else []


def _settings(balance: Balance, lang: str) -> list[str]:
    changed = sum(len(change.ids or ()) for change in balance.scenario.changes if change.column == "opening")
    target = _say(lang, balance.target)
    lines = [_say(lang, "alone" if balance.left_alone else "set", name=balance.arrays.net.name, target=target, n=changed)]
    if balance.opened:
        lines.append(_say(lang, "opened", n=len(balance.opened), names=_names(lang, balance.opened)))
    lines += [
        _say(lang, "index", name=one.consumer, drives=", ".join(one.plants) or _say(lang, "fixed")) for one in balance.index
    ]
    for name, row in balance.devices().iterrows():
        if row["table"] != "valve" and row["before"] != row["after"]:
            digits = 3 if row["table"] == "pump" else 1
            before, after = (f"{row[when]:.{digits}f}" for when in ("before", "after"))
            table, column = _say(lang, row["table"]), _say(lang, row["column"])
            lines.append(_say(lang, "device", table=table, name=name, column=column, before=before, after=after))
    x, before_x = (balance.ratio(state)[balance.places.inlets] for state in (None, balance.before))
    if x.size:
        low, high, low0, high0 = (f"{value:.3f}" for value in (x.min(), x.max(), before_x.min(), before_x.max()))
        lines.append(_say(lang, "ratio", low=low, high=high, low0=low0, high0=high0))
    return lines


def _shortages(balance: Balance, lang: str) -> list[str]:
    cut = [one for one in balance.shortages if one.cut_off]
    rest = [one for one in balance.shortages if not one.cut_off]
    lines: list[str] = []
    if rest:
        lines.append(_say(lang, "short", n=len(rest), share=f"{float(np.min(balance.fit.share)):.2f}"))
        lines += [_shortage(balance, one, lang) for one in rest[:SHOWN]] + _rest(lang, len(rest))
    if cut:
        lines.append(_say(lang, "cut", n=len(cut)))
        lines += [_shortage(balance, one, lang) for one in cut[:SHOWN]] + _rest(lang, len(cut))
    return lines


def _shortage(balance: Balance, one: Shortage, lang: str) -> str:
    none = {"lift": "no steep", "valve": "own"}.get(one.reason, "nothing")
    return _say(
        lang, one.reason, name=one.consumer, missing=f"{one.missing / 1e3:.1f}", ratio=f"{one.flow_ratio:.2f}",
        most=f"{balance.fit.largest / 1e3:g}", pipes=", ".join(one.pipes[:PIPES]) or _say(lang, none),
    )


def backward(balance: Balance) -> tuple[str, ...]:
    """Open inlets that water runs backward through with the settings, the most water first."""
    state = balance.state
    m, ids = state.m[state.of(Consumer)], state.arrays.net[Consumer].id
    rows = np.flatnonzero(m < -BACK)
    return tuple(str(ids[row]) for row in rows[np.argsort(m[rows], kind="stable")].tolist())
