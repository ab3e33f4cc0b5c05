"""What each page shows. Here rooms are joined; each page's stored part is one snapshot."""
