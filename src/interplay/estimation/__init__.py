"""From samples to tables and from replicates of tables to confidence intervals."""
