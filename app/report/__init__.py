"""Reports: pages of HTML that hold everything they need and open in any browser."""
