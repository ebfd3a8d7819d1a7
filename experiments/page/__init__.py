"""The page of `trappe serve`: sliders, what they give, and one history month by month.

`state`, `live`, `answer`, `saving`, `walk` and `figures` know nothing of browsers; `app` is the page in
Solara, and `start` serves it on this machine only.
"""
