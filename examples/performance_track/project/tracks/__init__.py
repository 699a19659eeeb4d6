"""A service that keeps tracks of walks: it reads them, thins them out, measures, packs and stores them."""
