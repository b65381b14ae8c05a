# Nothing is said here.
