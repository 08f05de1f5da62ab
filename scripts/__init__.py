"""What developers of kbsearch run: measurements, stress runs, training and checks of the project."""
