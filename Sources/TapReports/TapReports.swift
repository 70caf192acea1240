// TapReports
