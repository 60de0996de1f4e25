#!/usr/bin/env python3
# ruff: noqa: T201, UP031, B905
# fmt: off
"""核对评选排名：只用公布的文件，从头再算一遍，看和公布的是不是一样。

用法：python3 recompute_ranking.py 文件.json
      python3 recompute_ranking.py 文件.csv
只要有 Python 3.9 以上，不用装别的，也不用联网。算法和公布的一样，用分数精确计算，只在显示时四舍五入到两位小数。
一样：退出码 0；不一样：1；文件读不懂：2。
"""

import csv
import hashlib
import json
import sys
from fractions import Fraction

SCHEMA = "contest-ranking/1"
FULL = Fraction(100)


class BadFile(Exception):
    """文件读不懂。"""


def number(text, name):
    """文件里的数：整数、小数或者“分子/分母”。"""
    try:
        if isinstance(text, (float, bool)):
            raise ValueError
        return Fraction(str(text))
    except (ValueError, ZeroDivisionError):
        raise BadFile("%s 应当是数字，现在是 %r" % (name, text)) from None


def read_json(text):
    whole = json.loads(text)
    document = whole["document"]
    if document["schema"] != SCHEMA:
        raise BadFile("不认识的格式：%r" % document["schema"])
    canonical = json.dumps(document, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    digest = hashlib.sha256(canonical.encode("utf-8")).hexdigest()
    if digest != whole["digest"]:
        print("不一致：数据的校验值是 %s，文件里写的是 %s" % (digest, whole["digest"]))
        return document, whole["results"], False
    return document, whole["results"], True


def plain(cell):
    """表格软件怕公式，文字前面可能加了一个单引号。"""
    return cell[1:] if cell.startswith("'") else cell


def read_csv(text):
    formula, awards, entries, results = {"criteria": []}, [], {}, []
    schema = title = ""
    for line, row in enumerate(csv.reader(text.splitlines()), start=1):
        row = [plain(cell) for cell in row]
        if not any(row):
            continue
        kind, cells = row[0], row[1:]
        try:
            if kind == "格式":
                schema = cells[0]
            elif kind == "评选":
                title = cells[1]
            elif kind == "评分项":
                formula["criteria"].append({"key": cells[0], "label": cells[1], "most": cells[2]})
            elif kind == "算法":
                formula[cells[0]] = cells[1]
            elif kind == "奖项":
                awards.append({"name": cells[0], "count": int(cells[1])})
            elif kind == "申报":
                entries[cells[0]] = {"key": cells[0], "title": cells[1], "votes": cells[5], "sheets": []}
            elif kind == "评分":
                keys = [one["key"] for one in formula["criteria"]]
                marks = dict(zip(keys, cells[2:]))
                entries[cells[0]]["sheets"].append({"judge": cells[1], "marks": marks})
            elif kind == "结果":
                names = ("key", "place", "final", "expert", "public", "award")
                results.append(dict(zip(names, cells)))
        except (IndexError, KeyError, ValueError):
            raise BadFile("第 %d 行读不懂：%s" % (line, "，".join(row))) from None
    if schema != SCHEMA:
        raise BadFile("不认识的格式：%r" % schema)
    document = {"contest": {"title": title}, "formula": formula, "awards": awards, "entries": list(entries.values())}
    return document, results, True


def expert_score(one, formula):
    """每位评委的总分折成一百分，再平均；三位评委起可以去掉一个最高、一个最低。"""
    most = {row["key"]: number(row["most"], "满分") for row in formula["criteria"]}
    totals = []
    for sheet in one["sheets"]:
        marks = {key: number(mark, "分数") for key, mark in sheet["marks"].items()}
        if marks.keys() != most.keys() or any(not 0 <= marks[key] <= most[key] for key in most):
            raise BadFile("申报 %s 的评分和评分项对不上" % one["key"])
        totals.append((sum(marks.values()) * FULL / sum(most.values()), sheet["judge"]))
    if len({judge for _total, judge in totals}) != len(totals):
        raise BadFile("申报 %s 有一位评委打了两次分" % one["key"])
    if not totals:
        if number(formula["expert_share"], "专家分占比"):
            raise BadFile("申报 %s 没有评委打分" % one["key"])
        return Fraction(0), []
    kept = sorted(total for total, _judge in totals)
    if formula["expert_method"] == "trimmed_mean" and len(kept) >= 3:
        kept = kept[1:-1]
    return sum(kept) / len(kept), [total for total, _judge in totals]


def public_scores(votes, method):
    """有效票怎么折成一百分。"""
    numbers = list(votes.values())
    highest, lowest = max(numbers), min(numbers)
    found = {}
    for key, mine in votes.items():
        if method == "pro_rata_to_top":
            found[key] = FULL * mine / highest if highest else Fraction(0)
        elif method == "min_max":
            if highest == lowest:
                found[key] = FULL if highest else Fraction(0)
            else:
                found[key] = FULL * (mine - lowest) / (highest - lowest)
        elif method == "rank_points":
            ahead = sum(other > mine for other in numbers)
            level = sum(other == mine for other in numbers)
            place = ahead + Fraction(level + 1, 2)
            found[key] = FULL * (len(numbers) - place + 1) / len(numbers)
        else:
            raise BadFile("不认识的公众分算法：%r" % method)
    return found


def award_of(awards, place):
    reached = 0
    for one in awards:
        reached += int(one["count"])
        if place <= reached:
            return one["name"]
    return ""


def compute(document):
    """[{key, place, final, expert, public, award}]，名次在前的在前。"""
    formula, entries = document["formula"], document["entries"]
    if not entries:
        raise BadFile("文件里没有申报")
    if len({one["key"] for one in entries}) != len(entries):
        raise BadFile("有两件申报代号相同")
    share = number(formula["expert_share"], "专家分占比") / 100
    votes = {one["key"]: number(one["votes"], "有效票") for one in entries}
    if any(one < 0 or one.denominator != 1 for one in votes.values()) or not 0 <= share <= 1:
        raise BadFile("有效票或者专家分占比不对")
    public = public_scores(votes, formula["public_method"])
    found, merits = [], {}
    for one in entries:
        key = one["key"]
        expert, totals = expert_score(one, formula)
        final = share * expert + (1 - share) * public[key]
        second = {"by_experts": (expert,), "by_public": (public[key],)}.get(formula["tie_rule"], ())
        merits[key] = (final, *second)
        found.append(
            {
                "key": key,
                "title": one["title"],
                "final": final,
                "expert": expert,
                "public": public[key],
                "totals": totals,
                "votes": votes[key],
            }
        )
    found.sort(key=lambda row: row["key"])
    found.sort(key=lambda row: merits[row["key"]], reverse=True)
    ordered = [merits[row["key"]] for row in found]
    for row in found:
        row["place"] = ordered.index(merits[row["key"]]) + 1
        row["award"] = award_of(document["awards"], row["place"])
    return found


def shown(score):
    """四舍五入到两位小数。"""
    cents = (score.numerator * 200 + score.denominator) // (score.denominator * 2)
    return "%d.%02d" % (cents // 100, cents % 100)


def differences(computed, published):
    """公布的和算出来的哪里不一样，一处一句。"""
    said = {row["key"]: row for row in published}
    if len(said) != len(published) or said.keys() != {row["key"] for row in computed}:
        yield "公布的名单和参加排名的申报不是同样的几件"
        return
    for row in computed:
        other = said[row["key"]]
        for name, label in (("place", "名次"), ("final", "总分"), ("expert", "专家分"), ("public", "公众分")):
            if number(other[name], label) != row[name]:
                yield "%s 的%s：公布的是 %s，算出来是 %s" % (row["key"], label, other[name], row[name])
        if (other["award"] or "") != row["award"]:
            yield "%s 的奖项：公布的是“%s”，算出来是“%s”" % (row["key"], other["award"], row["award"])


def main(arguments):
    if len(arguments) != 1:
        print(__doc__)
        return 2
    try:
        with open(arguments[0], encoding="utf-8-sig", newline="") as file:
            text = file.read()
        document, published, same = (read_json if text.lstrip().startswith("{") else read_csv)(text)
        computed = compute(document)
        faults = list(differences(computed, published))
    except (OSError, UnicodeDecodeError, BadFile) as error:
        print("读不懂这个文件：%s" % error)
        return 2
    except (ValueError, KeyError, TypeError, AttributeError, IndexError, RecursionError, csv.Error) as error:
        print("读不懂这个文件：缺少内容或者格式不对（%s）" % error)
        return 2
    print(document["contest"]["title"])
    for row in computed:
        print(
            "第 %d 名  %s  总分 %s（专家 %s，公众 %s，有效票 %s）  %s"
            % (
                row["place"],
                row["title"],
                shown(row["final"]),
                shown(row["expert"]),
                shown(row["public"]),
                row["votes"],
                row["award"],
            )
        )
    for words in faults:
        print("不一致：" + words)
    if faults or not same:
        return 1
    print("一致：从头算出的 %d 件，名次、分数和奖项与公布的完全一样。" % len(computed))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
