"""Where hosted providers are reached, and with which keys."""

from __future__ import annotations

from pydantic import BaseModel, Field, SecretStr


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
