"""Where hosted providers are reached, and with which keys."""

from __future__ import annotations

from pydantic import BaseModel, Field, SecretStr

from agent.domain.providers import Provider


class Accounts(BaseModel):
    """Keys and addresses of vendors; part of the settings of every process that uses one."""

    deepgram_key: SecretStr | None = Field(None, validation_alias="DEEPGRAM_API_KEY", description="Deepgram's API key.")
    deepgram_url: str = Field("https://api.deepgram.com", description="Deepgram, up to the version.")
    openai_key: SecretStr | None = Field(None, validation_alias="OPENAI_API_KEY", description="OpenAI's API key.")
    openai_url: str = Field("https://api.openai.com/v1", description="OpenAI, up to /v1.")
    groq_key: SecretStr | None = Field(None, validation_alias="GROQ_API_KEY", description="Groq's API key.")
    groq_url: str = Field("https://api.groq.com/openai/v1", description="Groq, up to /v1.")
    elevenlabs_key: SecretStr | None = Field(
        None, validation_alias="ELEVEN_API_KEY", description="ElevenLabs' API key."
    )
    elevenlabs_url: str = Field("https://api.elevenlabs.io/v1", description="ElevenLabs, up to /v1.")
    aws_key_id: SecretStr | None = Field(
        None, validation_alias="AWS_ACCESS_KEY_ID", description="AWS' access key of a user who may use Polly."
    )
    aws_secret: SecretStr | None = Field(
        None, validation_alias="AWS_SECRET_ACCESS_KEY", description="The secret of that key."
    )
    aws_region: str = Field("us-east-1", validation_alias="AWS_REGION", description="AWS region in which Polly speaks.")
    polly_url: str | None = Field(None, description="Polly, without a path; unset means the region's.")
    ollama_url: str = Field("http://127.0.0.1:11434/v1", description="Ollama's OpenAI-compatible API, up to /v1.")
    model_url: str | None = Field(
        None, description="Of `compatible` models: base URL of an OpenAI-compatible endpoint, up to /v1."
    )
    model_key: SecretStr | None = Field(None, description="Its API key; unset sends none.")

    @property
    def polly_origin(self) -> str:
        """Where Polly is reached, without a path."""
        return self.polly_url or f"https://polly.{self.aws_region}.amazonaws.com"

    def has_key(self, vendor: str) -> bool:
        """Whether there is a key for a vendor of recognisers or voices."""
        keys = {
            "deepgram": self.deepgram_key,
            "openai": self.openai_key,
            "elevenlabs": self.elevenlabs_key,
            "polly": self.aws_secret,
        }
        return keys[vendor] is not None

    @property
    def has_model_accounts(self) -> bool:
        """Whether a tenant may name a language model that the fleet does not use itself."""
        return any(each is not None for each in (self.openai_key, self.groq_key, self.model_url))

    def model_account(self, provider: Provider) -> tuple[str, str | None]:
        """Where a language model is reached and with which key, None for none.

        Raises:
            ValueError: a setting it needs is missing; the message begins with the variable.
        """
        url, key, variable = {
            "openai": (self.openai_url, self.openai_key, "OPENAI_API_KEY"),
            "responses": (self.openai_url, self.openai_key, "OPENAI_API_KEY"),
            "groq": (self.groq_url, self.groq_key, "GROQ_API_KEY"),
            "ollama": (self.ollama_url, None, None),
            "compatible": (self.model_url, self.model_key, None),
        }[provider.vendor]
        if url is None or not url.startswith(("http://", "https://")):
            raise ValueError(f"VOICEFLEET_MODEL_URL: expected http:// or https://, for {provider.name}")
        if variable is not None and key is None:
            raise ValueError(f"{variable}: required by {provider.name}")
        return url, None if key is None else key.get_secret_value()
