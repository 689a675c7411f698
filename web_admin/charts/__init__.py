"""Pictures of numbers: geometry here, in whole numbers, and one file of macros that draws it as SVG. No words, no colours, no float.

How a page draws bars, one below the other, with a table of the same numbers beside them::

    from web_admin.charts.bars import Row, bars

    chart = bars(Row(lot.lot, weight, words.written(weight)) for lot, weight in weights)      # words: the catalogue of the reader
    return render(visit, "keys/key.html", chart=chart)

and in its template::

    {% from "charts.html" import bar_chart, bar_table %}
    {% block head %}{{ super() }}<link rel="stylesheet" href="/static/charts.css">{% endblock %}
    <div class="beside">
    {{ bar_chart("split", chart, t("office.keys.chart"), t("office.keys.chart_said", ...)) }}
    {{ bar_table(chart, t("office.keys.chart_numbers"), t("office.keys.lot"), t("office.keys.weight")) }}
    </div>

The first argument of `bar_chart` names the chart on its page, and begins the ids in it. The title is short; the description says in a
sentence what one sees. A page may write the table itself, where it has more to say. Rows are drawn in the order in which they come, the
first `most` of them; the table has all. What is below zero grows to the left of a line and is hatched. `whole` says what a full bar is:
without it, the largest value.
"""
