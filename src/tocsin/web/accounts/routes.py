"""The routes of signing in and of one's own account. The names are those that allauth looks for."""

from django.urls import URLPattern, path

from tocsin.web import sign_in
from tocsin.web.accounts import account, factors, links, oidc

routes: list[URLPattern] = [
    path("sign-in", sign_in.sign_in, name="sign_in"),
    path("sign-in", sign_in.sign_in, name="account_login"),
    path("sign-out", sign_in.sign_out, name="sign_out"),
    path("sign-in/by-mail/<str:purpose>", links.ask, name="link_ask"),
    path("enter/<str:purpose>/<str:token>", links.enter, name="link_enter"),
    path("sign-in/second", factors.authenticate, name="mfa_authenticate"),
    path("sign-in/passkey", factors.passkey_sign_in, name="mfa_login_webauthn"),
    path("sign-in/company", oidc.begin, name="oidc_begin"),
    path("sign-in/company/callback", oidc.callback, name="oidc_callback"),
    path("sign-in/company/cancelled", oidc.cancelled, name="socialaccount_login_cancelled"),
    path("sign-in/inactive", account.inactive, name="account_inactive"),
    path("account", account.account, name="account"),
    path("account/password", account.password, name="account_password"),
    path("account/sessions/end", account.sign_out_elsewhere, name="sessions_end"),
    path("account/company/part", oidc.leave, name="oidc_leave"),
    path("account/second-factor", account.index, name="mfa_index"),
    path("account/connections", account.index, name="socialaccount_connections"),
    path("account/passkeys", account.index, name="mfa_list_webauthn"),
    path("account/app/add", factors.add_totp, name="mfa_activate_totp"),
    path("account/app/remove", factors.remove_totp, name="mfa_deactivate_totp"),
    path("account/passkeys/add", factors.add_passkey, name="mfa_add_webauthn"),
    path("account/passkeys/<int:pk>/rename", factors.rename_passkey, name="mfa_edit_webauthn"),
    path("account/passkeys/<int:pk>/remove", factors.remove_passkey, name="mfa_remove_webauthn"),
    path("account/codes", factors.recovery_codes, name="mfa_view_recovery_codes"),
    path("account/codes/new", factors.new_codes, name="mfa_generate_recovery_codes"),
    path("account/again", factors.again_password, name="account_reauthenticate"),
    path("account/again/code", factors.again_code, name="mfa_reauthenticate"),
    path("account/again/passkey", factors.again_passkey, name="mfa_reauthenticate_webauthn"),
    path("sign-ins", account.sign_ins, name="sign_ins"),
]
