"""What clients of databases connect to: stable addresses, TLS, and the RDS Proxy's rules.

One process per service and region name. It terminates TLS with certificates of the region's
authority, as the bundled PostgreSQL and Redis have no TLS, and passes the bytes on to the server's
private port. Authentication stays between client and server.
"""
