"""The provider of package `kubernetes`: any object of a cluster, by server-side apply."""
