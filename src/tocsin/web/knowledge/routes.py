"""Where knowledge is found."""

from django.urls import path

from tocsin.web.knowledge import editing, on_tickets, pages, picturing, portal

routes = [
    path("knowledge", pages.listing, name="knowledge"),
    path("knowledge/new", editing.edit, name="article_new"),
    path("knowledge/gaps", pages.gaps, name="knowledge_gaps"),
    path("knowledge/missed", pages.missed, name="knowledge_missed"),
    path("knowledge/categories/new", pages.new_category, name="category_new"),
    path("knowledge/<int:number>", pages.article, name="article"),
    path("knowledge/<int:number>/edit", editing.edit, name="article_edit"),
    path("knowledge/<int:number>/act", pages.act, name="article_act"),
    path("knowledge/<int:number>/opinion", pages.opinion, name="article_opinion"),
    path("knowledge/<int:number>/versions", pages.versions, name="article_versions"),
    path("knowledge/<int:number>/versions/<int:version>/restore", pages.restore, name="article_restore"),
    path("knowledge/<int:number>/viewed", pages.viewed, name="article_viewed"),
    path("knowledge/<int:number>/files", picturing.add, name="article_files"),
    path("knowledge/files/<uuid:file_id>", picturing.show, name="article_file"),
    path("knowledge/files/<uuid:file_id>/remove", picturing.remove, name="article_file_remove"),
    path("tickets/suggestions", on_tickets.while_writing, name="suggestions"),
    path("tickets/<int:number>/help", on_tickets.panel, name="ticket_help"),
    path("tickets/<int:number>/help/judge", on_tickets.judge, name="ticket_help_judge"),
    path("tickets/<int:number>/articles", on_tickets.choose, name="ticket_articles"),
    path("tickets/<int:number>/articles/<int:article>/insert", on_tickets.insert, name="ticket_article_insert"),
    path("tickets/<int:number>/articles/<int:article>/follow", on_tickets.follow, name="ticket_article_follow"),
    path("tickets/<int:number>/articles/<int:article>/steps/<int:step>", on_tickets.tick, name="ticket_step"),
    path("tickets/<int:number>/article", editing.from_resolution, name="ticket_to_article"),
    path("portal/knowledge", portal.listing, name="portal_knowledge"),
    path("portal/knowledge/<int:number>", portal.article, name="portal_article"),
]
