"""Addresses of the pages about people."""

from django.urls import path

from offices.views import accounts, imports, me, signing

urlpatterns = [
    path("login/", signing.sign_in, name="login"),
    path("logout/", signing.sign_out, name="logout"),
    path("me/", me.me, name="me"),
    path("me/password/", me.change_password, name="me-password"),
    path("me/office/", me.switch_office, name="me-office"),
    path("accounts/", accounts.account_list, name="accounts"),
    path("accounts/<uuid:account_id>/password/", accounts.reset_password, name="account-password"),
    path("accounts/<uuid:account_id>/active/", accounts.set_active, name="account-active"),
    path("accounts/import/", imports.imports, name="imports"),
    path("accounts/import/<slug:kind>/", imports.import_table, name="import-table"),
    path("accounts/import/<slug:kind>/take/", imports.take, name="import-take"),
    path("accounts/import/<slug:kind>/template/", imports.template, name="import-template"),
]
