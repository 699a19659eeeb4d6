"""Evidence of compliance: who may see it, what was collected, and how far a framework is covered."""
