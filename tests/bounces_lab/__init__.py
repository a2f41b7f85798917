"""The lab behind tests/make-bounces: real mail servers in a closed network, so that every bounce's cause is known."""
