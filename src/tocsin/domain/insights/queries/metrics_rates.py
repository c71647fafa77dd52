"""How often tickets are escalated for each type and reason: of all tickets, not of those that have such an escalation."""

from tocsin.domain.insights.logic.metrics import DIMENSIONS, SOURCES
from tocsin.domain.insights.queries.metrics_rows import Figure, Group, Selection, condition_of, names_of, rows_of


def escalation_rates(where: Selection, dimension: str) -> list[Group]:
    """Return the escalation rate by "type" or "reason", the highest first; each is a share of the same tickets.

    A ticket that was escalated for two reasons counts with both, so the shares may come to more than the whole rate.
    """
    source, value = SOURCES["opened"], DIMENSIONS[dimension][0]
    condition, given = condition_of(where, source)
    ((many,),) = rows_of(f"SELECT count(*) FROM {source.rows} WHERE {condition}", given)  # noqa: S608 - text of the registry
    rows = rows_of(
        f"SELECT {value}, count(DISTINCT t.ticket_id) FROM {source.rows} "  # noqa: S608 - text of the registry
        f"JOIN insights_escalationfact x ON x.ticket_id = t.ticket_id WHERE {condition} GROUP BY 1 ORDER BY 2 DESC, 1",
        given,
    )
    names = names_of(dimension, [word for word, _ in rows])
    return [
        Group(key=names[word][0], name=names[word][1], figure=Figure(n=many, hits=hits, value=hits / many))
        for word, hits in rows
    ]
