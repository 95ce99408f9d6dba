"""The posterior of a graph given a table: exact for any holes, recursive where data are nested."""
