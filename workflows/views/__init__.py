"""Pages of the work: inbox, tasks, the office's cockpit, process history."""
