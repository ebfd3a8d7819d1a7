"""A municipality's own case list: read, checked, cleaned, its rates, its back-test."""
