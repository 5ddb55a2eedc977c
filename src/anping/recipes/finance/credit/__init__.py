"""Credit scoring: applications of two years, the outcome known of those that were approved."""
