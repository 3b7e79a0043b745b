"""Programmes in spreadsheets: CSV and XLSX read into cells with places, then into a checked `Programme`."""
