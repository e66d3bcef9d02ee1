"""EventBridge Scheduler: schedules that start tasks, call functions and send messages."""
