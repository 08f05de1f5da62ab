"""Passwords and keys behind (or before) the word for one: stated, in prose and in markup."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

from kbsearch.text.redaction import values
from kbsearch.text.redaction.finds import Find, Kind, Reading, Said, group, words_of
from kbsearch.text.redaction.vocabulary import CHANGES, IS, KEYS, ONWARD, PASSWORDS, TO

_TAGS = r"(?:[^\S\n]{0,8}</?[A-Za-z][^<>\n]{0,80}>){0,6}"
_BLANK = r"(?:[^\S\n]|&nbsp;|&\#160;){0,20}"
_MARKS = r"[*_`\"'”“»\])]{0,3}"
# What may stand between the word and a value that it states.
_STATED = re.compile(
    rf"""(?x)
      (?:\\?["'*_`”»\]]{{0,3}}|&(?:quot|\#34|apos|\#39);|{_TAGS})(?:[.…·]{{3,60}})?{_BLANK}(?:\([^()\n]{{0,40}}\){_BLANK})?
        (?P<sign>:=|=>|=|:(?!//)|->|→|＝|：|%3[Dd]|\\u003[Dd]){_MARKS}{_BLANK}{_TAGS}(?:{_BLANK}\n\s{{0,20}}(?:-[^\S\n]{{1,4}})?)?(?:&nbsp;|&quot;|
          \s){{0,20}}
    | ["']?[^\S\n]{{1,8}}(?:[Vv]alue|content|data)[^\S\n]{{0,3}}=[^\S\n]{{0,3}}(?=["'])
    | &gt;
    | ["']?(?:[^\S\n][^<>\n]{{0,60}})?>\s{{0,20}}(?:<(?:value|string|plaintext|code|b|i|span|td|
      dd)[^<>\n]{{0,40}}>\s{{0,20}}){{0,4}}
    | (?:[^\S\n]{{0,8}}</?[A-Za-z][^<>\n]{{0,80}}>\s{{0,20}}){{1,6}}
    | ["'][^\S\n]{{0,8}},[^\S\n]{{0,8}}(?=["'])
    | [*_`]{{0,3}}[^\S\n]{{0,20}}\|[^\S\n]{{0,40}}[*_`]{{0,3}}
    | [^\S\n]{{0,3}}\t+[^\S\n]{{0,3}}
    """
)
_BLOCK = re.compile(r"[^\S\n]{0,3}[|>][+-]?\d?[^\S\n]{0,3}\n(?P<value>(?:[ \t]{1,20}[^\s][^\n]{0,400}(?:\n|$)){1,40})")
_QUOTED = re.compile(
    r"\"((?:[^\"\n\\]|\\[^\n]){1,128})\"|\\?(?:\"([^\"\n\\]{1,128})\\?\"|'([^'\n]{1,128})'|[„“”]([^\"„“”\n]{1,128})[“”\"]|«([^»\n]{1,128})»|"
    r"`([^`\n]{1,128})`)"
)
_PLAIN = re.compile(
    r"[(\[*_\"'„“”«`\\]{0,4}(?:<[A-Z]{2,8}>)?(?P<value>(?:(?!</|<br|&nbsp;|&quot;|&lt;)[^\s\"“”„«»;`|]){1,128})"
)
_FENCED = re.compile(r"```\w{0,20}\s{1,9}(?P<value>[^\s`]{4,128})\s{1,9}```")
_AFTER_FIRST = re.compile(r"[,&]\w{2,20}=|\\n|\\\"|\"")
_ENDING = ",.)]?:'\"*|}_"
_LINE_END = re.compile(r"[.*_`\"')\]]{0,3}[^\S\n]{0,20}(?:$|\n|[,;|]|</|\()")
_WORD = re.compile(r"[^\S\n]{0,20}(?P<token>\S{1,130})")
_ENDS_SENTENCE = re.compile(r".{3,}[.!?;]$")
_OPENING = "([{\"'„“”«`*_<"
_NEXT_LINE = re.compile(r"[:.]?[^\S\n]{0,9}\n[^\S\n]{0,20}(?P<token>\S{6,64})[^\S\n]{0,9}(?:\n|$)")
_BLANKS = re.compile(r"[ \t\u00a0]{0,20}")
_MOST_BETWEEN = 12
_FILLERS = 6
_SHORTEST_KEY = 16
_ALSO_OTHER_WORDS = frozenset(("pass", "passes", "clave", "claves", "credential", "credentials"))
_NOT_IN_PROSE = words_of("reset resets manager managers policy policies protected protection prompt field")
_BEFORE = re.compile(
    r"(?:^|[\s(])[\"'„“`*]{0,3}(?P<value>[^\s\"'„“”`]{6,64})[\"'“”`*]{0,3},?\s{1,3}"
    r"(?:(?:as|is|was|for|за|е|като|als|ist|für|come|è|como|es|comme|est|jako|kao|to|este|é|είναι|je|как|olarak|-|–|—)"
    r"\s{1,3}(?:[^\W\d]{1,12}\s{1,3}){0,3}[\"'(]?|(?:[^\W\d]{1,12}\s{1,3}){0,2}\()$"
)
_GOES_ON = re.compile(
    r"(?i)$|[\s(\[{\"'„“”«`*_<]|,\s(?:която|който|което|които|that|which|who|die|das|que|qui|che|сега|вече|now|jetzt)\s"
)
_LISTED = re.compile(r"[\"'”“*`)]{0,3}[^\S\n]{0,3}(?:[,;/]|(?P<onward>\s\w{1,4}(?=\s)))[^\S\n]{0,3}")


_SIGN_INS = Said("log signed·in sign·in вляз вход anmeld connect")
_SIGNED_IN_WITH = re.compile(
    r"(?i)(?<![^\W_])(?:log(?:ged|ging)? ?(?:in|on)|sign(?:ed|ing)? ?in|вл[яе]з\w{0,4}|вход|"
    r"anmeld\w{0,4}|connect\w{0,7})"
    r"[^\n.;:]{0,40}?[ \t](?:with|using|с|със|mit|avec)[ \t]{1,3}[\"'„“`*]{0,2}(?P<value>[^\s\"'„“”`]{6,64})"
)
_INPUTS = Said("<input")
_INPUT = re.compile(
    r"(?i)<input\b(?=[^<>\n]{0,400}?\btype[ ]{0,3}=[ ]{0,3}[\"']?password)[^<>\n]{0,400}?\bvalue[ ]{0,3}=[ ]{0,3}"
    r"(?:\"(?P<value>[^\"\n]{1,256})\"|'(?P<single>[^'\n]{1,256})')"
)


def find_passwords(reading: Reading) -> Iterator[Find]:
    text, lowered = reading.text, reading.lowered
    if _INPUTS(reading):
        for match in _INPUT.finditer(text):
            yield group(match, Kind.SECRET, match.lastgroup or "value")
    if _SIGN_INS(reading):
        for match in _SIGNED_IN_WITH.finditer(text):
            yield from _value_at(text, match.start("value"), _is_strong)
    for words, keys in ((PASSWORDS, False), (KEYS, True)):
        for stem, pattern in words:
            if stem in lowered:
                for match in pattern.finditer(lowered):
                    yield from _around(text, lowered, match, keys)


def _around(text: str, lowered: str, word: re.Match[str], key: bool) -> Iterator[Find]:
    end = word.end()
    stated = _STATED.match(text, end)
    if stated and stated.end() > end:
        found = list(_stated(text, stated, end))
        if found:
            yield from found
            yield from _listed(text, found[-1].end)
            return
    prose = _in_prose(text, lowered, end, key, word.group() in _ALSO_OTHER_WORDS)
    found = list(prose) if _GOES_ON.match(text, end) else []
    if found:
        yield from found
        yield from _listed(text, found[-1].end)
    elif not key:
        before = _BEFORE.search(text, max(0, word.start() - 120), word.start())
        if before and _is_handed(before["value"].rstrip(_ENDING)):
            value = before["value"].rstrip(_ENDING)
            yield Find(before.start("value"), before.start("value") + len(value), Kind.SECRET)


def _phrase(text: str, position: int) -> Iterator[Find]:
    """Several words in quotes, if a digit tells them from a message or the name of a dialog."""
    quoted = _QUOTED.match(text, position)
    if quoted and quoted.lastindex:
        inside = quoted[quoted.lastindex]
        if values.is_phrase(inside) and any(c.isdigit() for c in inside):
            yield group(quoted, Kind.SECRET, quoted.lastindex)


def _is_handed(value: str) -> bool:
    return (
        values.is_given(value)
        and not values.is_no_secret(value)
        and (values.is_strong(value) or (any(c.islower() for c in value) and any(c.isupper() for c in value[:2])))
    )


def _stated(text: str, stated: re.Match[str], word_end: int) -> Iterator[Find]:
    start = stated.end()
    if stated["sign"] and (block := _BLOCK.match(text, stated.end("sign"))):
        value = block["value"].strip()
        if value:
            start = block.start("value") + block["value"].index(value)
            yield Find(start, start + len(value), Kind.SECRET)
        return
    quoted = _QUOTED.match(text, start)
    if quoted and quoted.lastindex:
        inside = quoted[quoted.lastindex]
        assigned = stated["sign"] in ("=", ":=")
        if " " in inside.strip() and (values.is_phrase(inside) or assigned):
            yield Find(quoted.start(quoted.lastindex), quoted.end(quoted.lastindex), Kind.SECRET)
            return
        if (
            " " not in inside
            and len(inside) >= 3
            and not values.is_no_secret(inside)
            and values.is_stated_secret(inside)
        ):
            yield Find(quoted.start(quoted.lastindex), quoted.end(quoted.lastindex), Kind.SECRET)
            return
    yield from _value_at(text, start, values.is_stated_secret if stated["sign"] else _is_in_markup)


def _is_in_markup(value: str) -> bool:
    return values.is_stated_secret(value) and (values.is_told(value) or value.isdigit())


def _value_at(text: str, start: int, genuine: Callable[[str], bool], shortest: int = 4) -> Iterator[Find]:
    if text.startswith("```", start):
        fenced = _FENCED.match(text, start)
        if fenced and _is_in_markup(fenced["value"]):
            yield group(fenced, Kind.SECRET, "value")
        return
    match = _PLAIN.match(text, start)
    if not match:
        return
    value = match["value"]
    cut = _AFTER_FIRST.search(value)
    if cut:
        value = value[: cut.start()]
    begin = match.start("value")
    if value[:1] in "<{([" and len(value) > 6:  # as in "password: <Winter2031!x>"
        inner = value[1:].rstrip(">})]" + _ENDING)
        if values.is_given(inner) and not values.is_no_secret(inner):
            yield Find(begin + 1, begin + 1 + len(inner), Kind.SECRET)
        return
    value = value.rstrip(_ENDING)
    placeholder = begin > start and text[begin - 1] == ">"
    if placeholder and any(c.isalnum() for c in value):
        yield Find(begin, begin + len(value), Kind.SECRET)
        return
    if len(value) < shortest or values.is_no_secret(value):
        return
    lone = genuine is values.is_stated_secret and _LINE_END.match(text, begin + len(value))
    if genuine(value) or (lone and _begins_line(text, start) and values.is_lone_secret(value)):
        yield Find(begin, begin + len(value), Kind.SECRET)


def _begins_line(text: str, position: int) -> bool:
    """Whether no more than a word or two stand between the beginning of the line and the position."""
    line = text.rfind("\n", max(0, position - 60), position) + 1
    return (line > 0 or position < 60) and len(text[line:position].split()) <= 3


def _listed(text: str, end: int) -> Iterator[Find]:
    """Further values behind the first: "A1b!, C2d! and E3f!"."""
    for _ in range(8):
        match = _LISTED.match(text, end)
        if not match or (match["onward"] and match["onward"].strip().lower() not in ONWARD):
            return
        found = list(_value_at(text, match.end(), values.is_strong))
        if not found:
            return
        yield from found
        end = found[-1].end


def _in_prose(text: str, lowered: str, end: int, key: bool, near: bool) -> Iterator[Find]:
    """The first token behind the word that can be its value, by what stands between them."""
    position, fillers, previous = end, 0, ""
    for number in range(_MOST_BETWEEN):
        match = _WORD.match(text, position)
        if not match:
            if not number:
                yield from _on_the_next_line(text, end)
            return
        token = match["token"]
        found = list(_phrase(text, match.start("token")))
        if found:
            yield from found
            return
        plain = token.strip(_OPENING + _ENDING + "!").casefold()
        if plain and not plain.replace("-", "").isalpha():
            found = list(_value_at(text, match.start("token"), _judge(lowered, end, match, previous, number, key)))
            if found or key or _ENDS_SENTENCE.match(token):
                yield from found
                return
            fillers, previous = fillers + 1, ""
        else:
            if token[-1] in ":=" or token in ("->", "=>", "→"):
                found = list(_value_at(text, _beyond_blanks(text, match.end()), values.is_stated_secret))
                if found:
                    yield from found
                    return
            fillers += plain not in IS and plain not in TO
            if _ends_search(plain, token, near, fillers, number):
                return
            previous = plain or token
        position = match.end()


def _ends_search(plain: str, token: str, near: bool, fillers: int, number: int) -> bool:
    """Whether a value that follows this word would be another thing's."""
    return (
        (plain in _NOT_IN_PROSE and number == 0)
        or (near and plain not in IS)
        or fillers > _FILLERS
        or (plain != "" and token[-1] in ".!?;")
    )


def _on_the_next_line(text: str, end: int) -> Iterator[Find]:
    match = _NEXT_LINE.match(text, end)
    if match and _is_handed(match["token"].strip(_OPENING + _ENDING)):
        yield from _value_at(text, match.start("token"), values.is_given)


def _beyond_blanks(text: str, position: int) -> int:
    match = _BLANKS.match(text, position)
    return match.end() if match else position


def _judge(
    lowered: str, end: int, match: re.Match[str], previous: str, number: int, key: bool
) -> Callable[[str], bool]:
    if (
        previous == "e"
        and not lowered.startswith("parol", max(0, end - 8), end)
        and "parol" not in lowered[max(0, end - 8) : end]
    ):
        return _is_strong  # "and" in Italian
    if previous in IS or previous in ("e", "-", "–", "—", ":", "=", "->", "→"):
        return _is_told_key if key else values.is_told
    between = lowered[end : match.start("token")]
    if previous in TO and (number <= 1 or CHANGES.search(between) or CHANGES.search(lowered[max(0, end - 60) : end])):
        return values.is_given
    if previous in TO and CHANGES.search(lowered[match.end() : match.end() + 30]):
        return values.is_given
    if match["token"][0] in "(\"'„“«`*" and number == 0:
        return values.is_told
    if number == 0:
        return values.is_given if lowered.endswith("passphrase", max(0, end - 12), end) else _is_strong_or_marked
    return _is_strong


def _is_told_key(value: str) -> bool:
    """A key is often made of hexadecimal digits, and begins with any of them."""
    return values.is_told(value) or (
        len(value) >= _SHORTEST_KEY and value.isalnum() and not value.isdigit() and not value.isalpha()
    )


def _is_strong_or_marked(value: str) -> bool:
    return _is_strong(value) or values.is_marked(value)


def _is_strong(value: str) -> bool:
    bare = value.rstrip("!")
    return values.is_strong(value) and (values.is_strong(bare) or (values.is_given(bare) and not bare.islower()))
