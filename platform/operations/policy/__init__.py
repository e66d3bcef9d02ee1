"""Policy checks of an environment: its program rehearsed on paper, judged by `policies`."""
