"""Where training and the skill register are found."""

from django.urls import path

from tocsin.web.training import courses, knowing, mine

routes = [
    path("training", mine.mine, name="training"),
    path("training/courses", courses.listing, name="courses"),
    path("training/courses/new", courses.edit, name="course_new"),
    path("training/courses/<uuid:course_id>", courses.course, name="course"),
    path("training/courses/<uuid:course_id>/edit", courses.edit, name="course_edit"),
    path("training/courses/<uuid:course_id>/act", courses.act, name="course_act"),
    path("training/courses/<uuid:course_id>/take", mine.take, name="course_take"),
    path("training/attempts/<uuid:attempt_id>", mine.attempt, name="attempt"),
    path("training/completions/<uuid:completion_id>", mine.sign, name="completion_sign"),
    path("training/requirements", courses.requirements, name="requirements"),
    path("training/requirements/new", courses.require, name="requirement_new"),
    path("training/requirements/<int:requirement_id>/release", courses.release, name="requirement_release"),
    path("who-knows", knowing.who_knows, name="who_knows"),
    path("who-knows/vouch", knowing.vouch, name="skill_vouch"),
    path("who-knows/<uuid:user_id>/<int:skill_id>/strike", knowing.unvouch, name="skill_strike"),
    path("teams/<slug:slug>/coverage", knowing.coverage, name="team_coverage"),
    path("teams/<slug:slug>/ask", knowing.ask, name="team_ask_to_learn"),
]
