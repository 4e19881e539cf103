from django.urls import path

from django_tasks.ninja import api

urlpatterns = [path("", api.urls)]
