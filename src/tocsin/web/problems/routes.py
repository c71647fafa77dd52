"""Where problems are found."""

from django.urls import path

from tocsin.web.problems import digests, measures, on_tickets, pages, proposals, running

routes = [
    path("problems", pages.listing, name="problems"),
    path("problems/new", pages.new, name="problem_new"),
    path("problems/proposals", proposals.listing, name="proposals"),
    path("problems/proposals/<uuid:proposal>", proposals.proposal, name="proposal"),
    path("problems/proposals/<uuid:proposal>/accept", proposals.accept, name="proposal_accept"),
    path("problems/proposals/<uuid:proposal>/merge", proposals.merge, name="proposal_merge"),
    path("problems/proposals/<uuid:proposal>/reject", proposals.reject, name="proposal_reject"),
    path("problems/measures", measures.listing, name="measures"),
    path("problems/digests", digests.listing, name="digests"),
    path("problems/digests/<slug:slug>/<str:month>", digests.digest, name="digest"),
    path("problems/<int:number>", pages.problem, name="problem"),
    path("problems/<int:number>/edit", pages.edit, name="problem_edit"),
    path("problems/<int:number>/act", running.act, name="problem_act"),
    path("problems/<int:number>/end/<slug:what>", running.end, name="problem_end"),
    path("problems/<int:number>/tickets", running.link, name="problem_link"),
    path("problems/<int:number>/tickets/<int:ticket>/unlink", running.unlink, name="problem_unlink"),
    path("problems/<int:number>/known-error", running.publish, name="problem_publish"),
    path("problems/<int:number>/workaround", running.workaround, name="problem_workaround"),
    path("problems/<int:number>/workaround/<uuid:push>/take-back", running.take_back, name="push_take_back"),
    path("problems/<int:number>/merge", running.merge, name="problem_merge"),
    path("problems/<int:number>/hypotheses/new", running.hypothesis, name="hypothesis_new"),
    path("problems/<int:number>/hypotheses/<uuid:hypothesis>", running.judge, name="hypothesis_judge"),
    path("problems/<int:number>/measures/new", measures.new, name="measure_new"),
    path("problems/<int:number>/measures/<uuid:measure>/withdraw", measures.withdraw, name="measure_withdraw"),
    path("tickets/<int:number>/problems", on_tickets.panel, name="ticket_problems"),
    path("tickets/<int:number>/problems/add", on_tickets.add, name="ticket_problem_add"),
    path("tickets/<int:number>/problems/<int:problem>/belongs", on_tickets.belongs, name="ticket_problem_belongs"),
]
