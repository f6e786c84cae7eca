"""What people use: the command line, the pages in the browser, reports and their plots."""
