"""What somebody who means harm types, and what becomes of it in every answer."""
