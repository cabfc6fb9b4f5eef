"""Claims for tests: sound ones, and faulty ones with what is said of them."""

from __future__ import annotations

__all__ = ["FAULTY", "SOUND"]

# A claim each, from its measure on.
SOUND = """\
measure: correlation
symbols: [BTC, NVDA]
window: 63 bars
as_of: 2025-11-19
published: 0.96

measure: correlation
symbols: ["@ai_tokens"]
window: 3 months
as_of: 2025-11-19
published: positive

measure: rolling_correlation
symbols: [BTC, NVDA]
window: 30 bars
as_of: 2025-11-19
published: 0.5
since: 2024-01-01

measure: beta
symbols: [FET, BTC, NVDA]
window: 1 year
as_of: 2025-11-19
published: first

measure: asymmetric_beta
symbols: [BTC, QQQ]
window: ["2020-01-01", "2025-12-10"]
published: larger_on_falls

measure: realised_volatility
symbols: [BTC]
window: 7 days
as_of: 2025-11-24
published: 0.5

measure: dispersion
symbols: ["@ai_tokens", "@tech"]
window: 3 months
as_of: 2025-11-24
published: first_tighter

measure: return
symbols: [ORCL]
event: oracle-earnings
occurrence: fy2026-q2
window: [0, 0]
published: -0.16

measure: return
symbols: [ORCL]
as_of: 2025-12-11
published: [-0.17, -0.15]

measure: year_to_date
symbols: [SPY]
as_of: 2025-12-31
published: 0.1781
tolerance: 0.001

measure: drawdown
symbols: [BTC]
window: 3 months
as_of: 2025-12-11
published: -0.3

measure: relative_return
symbols: [BTC, QQQ]
window: ["2025-09-17", "2025-12-10"]
published: [-0.2, 0.06]

measure: sector_ranking
symbols: ["@ai_tokens", SPY]
window: 3 weeks
as_of: 2025-11-24
published: worst

measure: level_crossing
symbols: [BTC]
level: 90000
direction: below
as_of: 2025-12-11
published: "2025-12-11"

measure: level_crossing
symbols: [BTC]
level: 92000
after_level: 90000
direction: above
as_of: 2025-12-11

measure: funding_sign
symbols: [BTC]
window: 1 week
as_of: 2025-11-24
since: 2025-10-26
published: negative

measure: open_interest_change
symbols: [BTC]
window: 7 weeks
as_of: 2025-11-24
published: -0.413

measure: event_car
event: oracle-earnings
symbols: [ORCL]
window: [0, 1]
published: none

measure: contagion_verdict
event: oracle-earnings
occurrence: fy2026-q2
symbols: [NVDA]
published: common volatility shock

measure: bubble
symbols: ["@ai_tokens"]
as_of: 2025-12-10
published: bubble

measure: none
needs: balance sheets

measure: correlation
symbols: [BTC, NVDA]
window: 63 bars
as_of: 2025-11-19
published: 0.96
readings: {of: [returns, levels], windows: [["2025-01-01", "2025-11-19"]], calendars: [24/7]}
beyond: {windows: [3 years]}
"""

# Name, claim, problems (`>`, continued by `|`) with line and column in the file.
FAULTY = """\
# a measure with a typing error
measure: corelation
symbols: [BTC]
> 6:12: claims[0].measure: 'corelation' is not allowed; one of correlation, rolling_correlation,
|   return, year_to_date, drawdown, rebound, relative_return, beta, asymmetric_beta,
|   realised_volatility, dispersion, level_crossing, ... (19 in all); did you mean 'correlation'?

# no symbols
measure: drawdown
as_of: 2025-12-11
published: -0.3
> 4:3: claims[0].symbols: is missing: drawdown needs one or more

# too few symbols
measure: asymmetric_beta
symbols: [BTC]
window: 1 year
as_of: 2025-12-11
published: equal
> 7:12: claims[0].symbols: ['BTC'] names one symbol; asymmetric_beta needs 2

# too many symbols
measure: dispersion
symbols: [BTC, NVDA, QQQ]
window: 1 year
as_of: 2025-12-11
published: first_tighter
> 7:12: claims[0].symbols: ['BTC', 'NVDA', 'QQQ'] has 3 names; dispersion takes at most 2

# a symbol twice
measure: correlation
symbols: [BTC, BTC]
window: 63 bars
as_of: 2025-11-19
published: 0.5
> 7:18: claims[0].symbols[1]: 'BTC' is listed twice; keep one

# a symbol that no universe has
measure: correlation
symbols: [BTC, NVD]
window: 63 bars
as_of: 2025-11-19
published: 0.5
> 7:18: claims[0].symbols[1]: 'NVD' is no symbol of universes/; did you mean 'NVDA'?

# a group that crosses a level
measure: level_crossing
symbols: ["@ai_tokens"]
level: 1
direction: below
as_of: 2025-12-11
> 7:13: claims[0].symbols[0]: '@ai_tokens' is a group; level_crossing is of one symbol

# an issuer of nothing
measure: return
symbols: ["@issuer"]
window: 1 month
as_of: 2025-12-11
published: -0.1
> 7:13: claims[0].symbols[0]: '@issuer' is the issuer of an occurrence; add occurrence or name
|   the symbol

# keys that a measure needs
measure: level_crossing
symbols: [BTC]
as_of: 2025-12-11
> 4:3: claims[0].direction: is missing: level_crossing needs it: to which side of the level
> 4:3: claims[0].level: is missing: level_crossing needs it: the level that is crossed

# a window that is missing
measure: beta
symbols: [BTC, NVDA]
as_of: 2025-12-11
published: 1.0
> 4:3: claims[0].window: is missing: beta needs it: length of the window that ends at as_of (63
|   bars, 3 months), bars relative to the occurrence ([-5, 10]), or two dates (["2025-09-17",
|   "2025-12-10"])

# a year without a day
measure: year_to_date
symbols: [SPY]
published: 0.1
> 4:3: claims[0].as_of: is missing: year_to_date needs it: last day of the window, as in
|   2025-11-19

# keys that a measure does not read
measure: correlation
symbols: [BTC, NVDA]
window: 63 bars
as_of: 2025-11-19
published: 0.9
level: 0.9
direction: above
tag: cut
needs: x
> 11:3: claims[0].level: is not read by measure: correlation; a figure goes into published
> 12:3: claims[0].direction: is not read by measure: correlation; a word goes into published, as
|   in negative
> 13:3: claims[0].tag: is not read by measure: correlation; name an occurrence instead
> 14:3: claims[0].needs: is not read by measure: correlation; it goes with measure: none

# what nothing measures
measure: none
window: 1 year
as_of: 2025-12-11
> 4:3: claims[0].needs: is missing: none needs it: measure: none: the data that would decide the
|   statement
> 7:3: claims[0].window: is not read by measure: none; drop it
> 8:3: claims[0].as_of: is not read by measure: none; drop it

# no time
measure: return
symbols: [BTC]
published: -0.1
> 6:12: claims[0].measure: return needs a time: add window as two dates, as_of or occurrence

# no end
measure: return
symbols: [BTC]
window: 1 month
published: -0.1
> 8:11: claims[0].window: '1 month' needs an end: add as_of or occurrence

# bars of nothing
measure: return
symbols: [BTC]
window: [0, 1]
as_of: 2025-12-11
published: -0.1
> 8:11: claims[0].window: [0, 1] counts bars from an occurrence: add it, or write two dates
> 9:3: warning: claims[0].as_of: is not read beside a window of bars or of two dates; drop one
|   of them

# days that no calendar has
measure: return
symbols: [BTC]
window: [2025-02-30, 2025-03-01]
published: -0.1
readings: {windows: [[2025-03-01, 2025-01-32]]}
> 8:12: claims[0].window[0]: '2025-02-30' does not exist: day is out of range for month
> 10:24: claims[0].readings.windows[0]: ['2025-03-01', '2025-01-32'] runs backwards; write the
|   earlier end first
> 10:37: claims[0].readings.windows[0][1]: '2025-01-32' does not exist: day is out of range for
|   month

# nothing published
measure: correlation
symbols: [BTC, NVDA]
window: 63 bars
as_of: 2025-11-19
> 4:3: claims[0].published: is missing: what was published, a number (a correlation) or one of
|   the words positive, negative

# a word with a typing error
measure: correlation
symbols: [BTC, NVDA]
window: 63 bars
as_of: 2025-11-19
published: postive
> 10:14: claims[0].published: 'postive' is no answer of correlation; it takes a number (a
|   correlation) or one of the words positive, negative; did you mean 'positive'?

# a number in quotes
measure: correlation
symbols: [BTC, NVDA]
window: 63 bars
as_of: 2025-11-19
published: "96%"
> 10:14: claims[0].published: '96%' is a text; write the number 0.96

# percent
measure: return
symbols: [BTC]
window: 1 month
as_of: 2025-12-11
published: -24.9
> 10:14: claims[0].published: -24.9 is no return, which lies in -1 to 100; write -0.249 for
|   -24.9%

# no correlation
measure: correlation
symbols: [BTC, NVDA]
window: 63 bars
as_of: 2025-11-19
published: [0.5, 1.5]
> 10:20: claims[0].published[1]: 1.5 is no correlation, which lies in -1 to 1; write 0.015 for
|   1.5%

# a range that runs backwards
measure: return
symbols: [BTC]
window: 1 month
as_of: 2025-12-11
published: [-0.15, -0.17]
> 10:14: claims[0].published: [-0.15, -0.17] runs backwards; write [-0.17, -0.15]

# no range
measure: return
symbols: [BTC]
window: 1 month
as_of: 2025-12-11
published: [-0.15]
> 10:14: claims[0].published: [-0.15] is no range; write one figure, or the two ends of one

# a figure too few
measure: relative_return
symbols: [BTC, QQQ, SPY]
window: ["2025-09-17", "2025-12-10"]
published: [-0.2, 0.06]
> 9:14: claims[0].published: [-0.2, 0.06]: write a figure for each of BTC, QQQ, SPY

# a number for a word
measure: bubble
symbols: [BTC]
as_of: 2025-12-10
published: 1.0
> 9:14: claims[0].published: 1.0 is a number; bubble takes one of the words bubble, no_bubble

# a price for a day
measure: level_crossing
symbols: [BTC]
level: 90000
direction: below
as_of: 2025-12-11
published: 90000
> 11:14: claims[0].published: 90000.0 is no day; the price goes into level

# no day
measure: level_crossing
symbols: [BTC]
level: 90000
direction: below
as_of: 2025-12-11
published: Thursday
> 11:14: claims[0].published: 'Thursday' is no day, as in '2025-12-11'

# a day that is none
measure: level_crossing
symbols: [BTC]
level: 90000
direction: below
as_of: 2025-12-11
published: 2025-12-32
> 11:14: claims[0].published: '2025-12-32' does not exist: day is out of range for month

# a tolerance of a word
measure: correlation
symbols: [BTC, NVDA]
window: 63 bars
as_of: 2025-11-19
published: positive
tolerance: 0.1
> 11:3: claims[0].tolerance: goes with a published figure, and there is none; drop it

# readings that a measure does not know
measure: return
symbols: [BTC]
window: 1 month
as_of: 2025-12-11
published: -0.1
readings: {of: [levels], baskets: [equal, equal], windows: []}
beyond: {windows: [[0, 1]]}
> 11:14: claims[0].readings.of: return has no choice of it; its readings: windows, calendars,
|   baskets, prices
> 11:45: claims[0].readings.baskets[1]: 'equal' is listed twice; keep one
> 11:62: claims[0].readings.windows: is empty; name a reading or drop the key
> 12:22: claims[0].beyond.windows[0]: [0, 1] counts bars from an occurrence: add it, or write
|   two dates

# readings of nothing
measure: none
needs: x
readings: {of: [levels]}
> 8:14: claims[0].readings.of: none has no choice of it; its readings: none

# an occurrence of no event
measure: return
symbols: [ORCL]
occurrence: fy2026-q2
window: [0, 0]
published: -0.1
> 8:15: claims[0].occurrence: 'fy2026-q2' needs an event: add event: with the id of its file

# a model of no event
measure: event_car
symbols: [ORCL]
window: [0, 0]
published: none
> 4:3: claims[0].event: is missing: event_car is about an event; add event: with the id of it

# an event that there is not
measure: event_car
event: oracle
symbols: [ORCL]
window: [0, 0]
published: none
> 7:10: claims[0].event: 'oracle' is no event of events/; did you mean 'oracle-earnings'?

# an occurrence that there is not
measure: event_car
event: oracle-earnings
occurrence: fy2026-q3
symbols: [ORCL]
window: [0, 0]
published: none
> 8:15: claims[0].occurrence: 'fy2026-q3' is no occurrence of oracle-earnings; did you mean
|   'fy2026-q2'?

# a tag that no occurrence has
measure: event_car
event: oracle-earnings
tag: beat
symbols: [ORCL]
window: [0, 0]
published: none
> 8:8: claims[0].tag: 'beat' is a tag of no occurrence of oracle-earnings; none has a tag

# a tag beside an occurrence
measure: event_car
event: oracle-earnings
tag: beat
occurrence: fy2026-q2
symbols: [ORCL]
window: [0, 0]
published: none
> 8:8: claims[0].tag: 'beat' is a tag of no occurrence of oracle-earnings; none has a tag
> 8:8: claims[0].tag: picks among all occurrences; drop it or occurrence: fy2026-q2

# an event without a study
measure: event_car
event: nvidia-earnings
symbols: [NVDA]
window: [0, 0]
published: none
> 6:12: claims[0].measure: event_car needs a study section, which nvidia-earnings lacks; add one

# a car over months or days
measure: event_car
event: oracle-earnings
symbols: [ORCL]
window: 3 months
published: none
readings: {windows: [[2025-01-01, 2025-02-01]]}
> 9:11: claims[0].window: '3 months' is no window of bars; write it as in [0, 1]
> 11:24: claims[0].readings.windows[0]: ['2025-01-01', '2025-02-01'] are days; event_car sums
|   bars around the event, as in [0, 1]
"""
