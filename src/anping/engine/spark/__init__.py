"""Tables on an Apache Spark cluster, behind the same doors as tables on one machine."""
