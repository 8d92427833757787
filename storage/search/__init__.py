"""Listings: filters, orders and pages."""
