"""Pulumi's passphrase secrets provider: how secrets are kept in the state.

A key is derived from the passphrase with PBKDF2-SHA256 (1,000,000 rounds, 8 bytes of salt); values
are sealed with AES-256-GCM as `v1:<nonce>:<ciphertext>`, both base64. The provider's state is
`v1:<salt>:<the word "pulumi", sealed>`, so a wrong passphrase is noticed.

Source: `pkg/secrets/passphrase/manager.go` and `sdk/go/common/resource/config/crypt.go`.
"""

import base64
import hashlib
import os
import threading

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from platformctl.errors import StateError

ROUNDS = 1_000_000
PROOF = "pulumi"

_keys: dict[tuple[str, bytes], bytes] = {}
_keys_lock = threading.Lock()


class PassphraseSecrets:
    """Seals and opens secret values; the key is derived once, when first needed.

    Args:
        passphrase: The passphrase.
        state: State of an existing provider (`v1:…`), or "" to make a new one.
    """

    def __init__(self, passphrase: str, state: str = "") -> None:
        self._passphrase = passphrase
        self._state = state
        self._salt = self.salt_of(state) if state else os.urandom(8)
        self._cipher: AESGCM | None = None
        self._lock = threading.Lock()
        self._sealed: dict[str, str] = {}

    @property
    def state(self) -> str:
        """The provider's state, as the checkpoint records it."""
        if not self._state:
            self._ready()
        return self._state

    def seal(self, plain: str) -> str:
        """Encrypt; the same text gives the same ciphertext as long as this object lives."""
        cipher = self._ready()
        sealed = self._sealed.get(plain)
        if sealed is None:
            sealed = self._sealed[plain] = _seal(cipher, plain)
        return sealed

    def open(self, sealed: str) -> str:
        """Decrypt.

        Raises:
            StateError: It was sealed with another key, or is damaged.
        """
        plain = _open(self._ready(), sealed)
        # An unchanged secret keeps its ciphertext, so an unchanged state keeps its bytes.
        self._sealed.setdefault(plain, sealed)
        return plain

    def _ready(self) -> AESGCM:
        with self._lock:
            if self._cipher is None:
                cipher = AESGCM(_derive(self._passphrase, self._salt))
                if self._state:
                    self._verify(cipher)
                else:
                    salt = base64.b64encode(self._salt).decode()
                    self._state = f"v1:{salt}:{_seal(cipher, PROOF)}"
                self._cipher = cipher
            return self._cipher

    def _verify(self, cipher: AESGCM) -> None:
        proof = self._state.split(":", 2)[2]
        try:
            right = _open(cipher, proof) == PROOF
        except StateError:
            right = False
        if not right:
            raise StateError(
                "the secrets in the state cannot be opened",
                why="the passphrase is not the one they were sealed with",
                remedy="set PULUMI_CONFIG_PASSPHRASE to the right passphrase",
            )

    @staticmethod
    def salt_of(state: str) -> bytes:
        """Return the salt in a provider's state.

        Raises:
            StateError: It is not understood.
        """
        parts = state.split(":", 2)
        if len(parts) != 3 or parts[0] != "v1":
            raise StateError(
                "the state names a secrets provider that is not understood",
                why=f"its state begins with {parts[0]!r}, only 'v1' is known",
            )
        return base64.b64decode(parts[1])


def derive_ahead(passphrase: str, state: str) -> None:
    """Begin to derive a key that is going to be needed; Python need not wait for it meanwhile.

    Args:
        passphrase: The passphrase.
        state: State of an existing provider (`v1:…`).
    """
    salt = PassphraseSecrets.salt_of(state)
    threading.Thread(target=_derive, args=(passphrase, salt), name="key", daemon=True).start()


def _derive(passphrase: str, salt: bytes) -> bytes:
    """Derive a key, a third of a second of work, once per process."""
    with _keys_lock:
        key = _keys.get((passphrase, salt))
        if key is None:
            key = hashlib.pbkdf2_hmac("sha256", passphrase.encode(), salt, ROUNDS, 32)
            _keys[passphrase, salt] = key
        return key


def _seal(cipher: AESGCM, plain: str) -> str:
    nonce = os.urandom(12)
    sealed = cipher.encrypt(nonce, plain.encode(), None)
    return f"v1:{base64.b64encode(nonce).decode()}:{base64.b64encode(sealed).decode()}"


def _open(cipher: AESGCM, sealed: str) -> str:
    try:
        version, nonce, content = sealed.split(":")
        if version != "v1":
            raise ValueError(f"unknown version {version!r}")
        return cipher.decrypt(base64.b64decode(nonce), base64.b64decode(content), None).decode()
    except (ValueError, InvalidTag) as error:
        raise StateError(
            "a secret in the state cannot be opened",
            why="it is damaged or was sealed with another passphrase",
            remedy="restore the state from its backup",
        ) from error
