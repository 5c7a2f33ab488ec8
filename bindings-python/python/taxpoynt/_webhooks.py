"""The engine's calls about webhooks; `Engine` has them all."""

from __future__ import annotations

import json

from ._fill import fill_list, fill_text
from ._operations import OperationsCalls
from .rows import Page, page
from .webhooks import Delivery, ReplayReport, Subscription, SubscriptionCheck, WebhookGuide, WebhookSecret


class WebhookCalls(OperationsCalls):
    """Subscriptions, the guide for setting one up by hand, secrets, and what was stored.

    `target` is a connection's id, or the platform for the host's app there (`"hubspot"`), which is out of a tenant's
    reach.
    """

    __slots__ = ()

    async def subscribe(self, connection_id: str, *, tenant: str | None = None) -> SubscriptionCheck:
        """Has the platform send its webhooks to the configured URL: makes the subscription by its API, takes over one
        that is there, or puts right what has drifted. The secret it signs with is live when this returns. With
        `management_token` in `apps` it is the app's, for all its accounts. Can be called again at any time.

        Raises `PlatformError` (`kind` is `unsupported`) where the platform has no such API: see `webhook_guide`;
        `ConfigError` without a URL, `NotFound`; `Ambiguous`: call it again.
        """
        return fill_text(SubscriptionCheck, await self._ask("subscribe", id=connection_id, tenant=tenant))

    async def unsubscribe(self, connection_id: str, *, tenant: str | None = None) -> bool:
        """Ends the subscription of a connection; that of the host's app stays while another connection needs it. Gives
        whether one was ended. Raises `NotFound`, `PlatformError`.
        """
        ended: bool = json.loads(await self._ask("unsubscribe", id=connection_id, tenant=tenant))
        return ended

    async def subscriptions(self) -> list[Subscription]:
        """The subscriptions that the engine keeps, of all tenants."""
        return fill_list(Subscription, await self._ask("subscriptions"))

    async def check_subscriptions(self) -> list[SubscriptionCheck]:
        """Compares every subscription with what its platform has, and puts right what has drifted: another URL, other
        events, switched off, or gone. Workers do so by themselves every few hours.
        """
        return fill_list(SubscriptionCheck, await self._ask("check_subscriptions"))

    async def webhook_guide(self, target: str, *, tenant: str | None = None) -> WebhookGuide:
        """How to set up by hand the webhook of a connection or of the host's app: print its `text`.

        Raises `NotFound`, `ConfigError` where the platform has no webhooks, or no public URL is configured.
        """
        return fill_text(WebhookGuide, await self._ask("webhook_guide", target=target, tenant=tenant))

    async def webhook_secrets(self, target: str, *, tenant: str | None = None) -> list[WebhookSecret]:
        """The webhook secrets of a connection or app, oldest first, without what they are. Raises `NotFound`."""
        return fill_list(WebhookSecret, await self._ask("webhook_secrets", target=target, tenant=tenant))

    async def add_webhook_secret(self, target: str, secret: str, *, tenant: str | None = None) -> WebhookSecret:
        """Sets the next webhook secret beside the one in use: from when this returns both are taken, in every process.
        Then have the platform use it, and call `retire_old_webhook_secrets`.

        Raises `NotFound`, `ConfigError` for an empty one, `StoreError` (`kind` is `conflict`) where an old one is still
        live beside the one in use.
        """
        answer = await self._ask("add_webhook_secret", target=target, secret=secret, tenant=tenant)
        return fill_text(WebhookSecret, answer)

    async def retire_old_webhook_secrets(self, target: str, *, tenant: str | None = None) -> int:
        """Retires every webhook secret but the newest: what the others signed is refused from when this returns, in
        every process. Gives how many.

        Raises `NotFound`, `StoreError` (`kind` is `conflict`) where there is no other one.
        """
        retired: int = json.loads(await self._ask("retire_old_webhook_secrets", target=target, tenant=tenant))
        return retired

    async def renew_webhook_secret(self, connection_id: str, *, tenant: str | None = None) -> None:
        """Has the platform sign with a new secret; the old one is taken too until `retire_old_webhook_secrets`.

        Raises `NotFound` where there is no subscription, `PlatformError` as the platform answers: its `kind` is
        `unsupported` where the platform has no such API.
        """
        await self._ask("renew_webhook_secret", id=connection_id, tenant=tenant)

    async def deliveries(
        self,
        *,
        connection: str | None = None,
        faulty: bool = False,
        ignored: bool = False,
        tenant: str | None = None,
        cursor: str | None = None,
        limit: int | None = None,
    ) -> Page[Delivery]:
        """Stored webhooks, newest first, without their bodies; `faulty`: those of which parts could not be read,
        `ignored`: those with an event that is none of ours.
        """
        only = {"connection": connection, "faulty": faulty, "ignored": ignored, "tenant": tenant}
        return page(Delivery, await self._ask("deliveries", **only, cursor=cursor, limit=limit))

    async def replay_delivery(self, id: str, *, tenant: str | None = None) -> int:
        """Reads a stored webhook again and fetches every record that it announces once more. Gives how many fetches.

        Raises `NotFound`, `StoreError` (`kind` is `conflict`) where its connection was removed.
        """
        queued: int = json.loads(await self._ask("replay_delivery", id=id, tenant=tenant))
        return queued

    async def replay_deliveries(
        self,
        *,
        connection: str | None = None,
        faulty: bool = False,
        ignored: bool = False,
        tenant: str | None = None,
    ) -> ReplayReport:
        """`replay_delivery` for every delivery that `deliveries` lists. Raises as that one does, for the first that
        fails; the ones before it stay replayed.
        """
        only = {"connection": connection, "faulty": faulty, "ignored": ignored, "tenant": tenant}
        return fill_text(ReplayReport, await self._ask("replay_deliveries", **only))
