"""The paper, reproduced and corrected: experiments, what each found, and the pages that say so."""
