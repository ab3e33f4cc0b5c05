"""The agent over HTTP: who may come in, live pages, and the views that join rooms."""
