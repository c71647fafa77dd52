"""How tests hash passwords: as the product does, by scrypt, only that a hash costs nothing."""

from django.contrib.auth.hashers import ScryptPasswordHasher


class QuickScrypt(ScryptPasswordHasher):
    """The product's hasher at the lowest work factor: the real one takes a quarter of a second for each person made."""

    work_factor = 2
    parallelism = 1
