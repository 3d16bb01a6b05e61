"""Who acts, in which organization, with which rights; every domain uses it."""
