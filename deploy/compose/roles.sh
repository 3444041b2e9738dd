#!/bin/sh
# Runs once in a new PostgreSQL: the owner of the database, and the application's role, which owns nothing.
set -eu
psql -v ON_ERROR_STOP=1 -v owner="$(cat /run/secrets/owner_password)" -v app="$(cat /run/secrets/app_password)" <<'SQL'
create role backoffice_owner login password :'owner';
create role backoffice_app login password :'app';
create database backoffice owner backoffice_owner;
SQL
