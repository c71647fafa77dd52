"""Reads of knowledge; everything else of `queries` is private."""

from tocsin.domain.knowledge.queries.articles import (
    ArticleRow,
    access_article,
    articles,
    categories,
    due_for_verification,
    find_articles,
    live_text,
    numbered,
    opinions_of,
    readable_by,
    used_on,
    uses_of,
    version_of,
    versions_of,
)
from tocsin.domain.knowledge.queries.gaps import Cluster, Gap, clusters_without_article, gaps
from tocsin.domain.knowledge.queries.picturing import access_file, bytes_of, files_of, verdicts_on
from tocsin.domain.knowledge.queries.suggesting import Suggestion, Suggestions, similar_tickets, suggest
from tocsin.domain.knowledge.queries.ticking import Followed, StepState, runbooks_on, tried_on

__all__ = [
    "ArticleRow",
    "Cluster",
    "Followed",
    "Gap",
    "StepState",
    "Suggestion",
    "Suggestions",
    "access_article",
    "access_file",
    "articles",
    "bytes_of",
    "categories",
    "clusters_without_article",
    "due_for_verification",
    "files_of",
    "find_articles",
    "gaps",
    "live_text",
    "numbered",
    "opinions_of",
    "readable_by",
    "runbooks_on",
    "similar_tickets",
    "suggest",
    "tried_on",
    "used_on",
    "uses_of",
    "verdicts_on",
    "version_of",
    "versions_of",
]
