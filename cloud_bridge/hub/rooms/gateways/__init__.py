"""Gateways: claims, certificates, revocation, and what each may say and hear at the broker."""
