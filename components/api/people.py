"""People: the accounts of those who use the page, and how the page signs them in (Cognito)."""

from collections.abc import Sequence
from dataclasses import dataclass

import pulumi
import pulumi_aws as aws

from components.naming import Names
from components.place import Place

PURPOSE = "people"
OPERATORS = "operators"
"""The group whose members see all folders."""
ACCESS_MINUTES = 60
# The least that Cognito allows. The page keeps no refresh token.
REFRESH_MINUTES = 60
PASSWORD_LENGTH = 14
INVITATION_DAYS = 3


@dataclass(frozen=True, kw_only=True, slots=True)
class PeopleArgs:
    """`protected` keeps the accounts from being deleted with the stack."""

    names: Names
    place: Place
    protected: bool


class People(pulumi.ComponentResource):
    """A pool of accounts that operators make, and Cognito's pages, at `origin`, to sign in to them.

    Accounts take strong passwords and a second factor (TOTP), which Cognito's pages ask for at the first sign-in: they
    offer none that is up to the person. Cognito's watch over stolen passwords belongs to a price tier above this one,
    and is not used.
    """

    pool_id: pulumi.Output[str]
    issuer: pulumi.Output[str]
    origin: pulumi.Output[str]

    def __init__(self, name: str, args: PeopleArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("penstock:api:People", name, None, opts)
        self._args = args
        self._child = pulumi.ResourceOptions(parent=self)
        pool = self._make_pool()
        self._domain = aws.cognito.UserPoolDomain(
            args.names.of("pool", PURPOSE),
            # All accounts of a region share these names; the account's number makes it ours.
            domain=args.names.exact("sign-in", args.place.account),
            user_pool_id=pool.id,
            managed_login_version=2,
            opts=self._child,
        )
        aws.cognito.UserGroup(
            OPERATORS,
            name=OPERATORS,
            description="See all folders, and may process failed files once more",
            user_pool_id=pool.id,
            opts=self._child,
        )
        self.pool_id = pool.id
        self.issuer = pulumi.Output.concat("https://", pool.endpoint)
        self.origin = self._domain.domain.apply(lambda chosen: address(chosen, args.place))
        self.register_outputs({"pool_id": pool.id})

    def let_in(self, origins: Sequence[pulumi.Input[str]]) -> pulumi.Output[str]:
        """The page as the pool's one client, for a page at `origins`; its id.

        The page is public: it has no secret, and proves by PKCE that a code that it brings is its own. Cognito has no
        way to insist on that, so the page does.
        """
        exact = self._args.names.exact("pool", "page")
        pages = [pulumi.Output.concat(origin, "/") for origin in origins]
        client = aws.cognito.UserPoolClient(
            exact,
            name=exact,
            user_pool_id=self.pool_id,
            generate_secret=False,
            allowed_oauth_flows_user_pool_client=True,
            allowed_oauth_flows=["code"],
            allowed_oauth_scopes=["openid"],
            supported_identity_providers=["COGNITO"],
            callback_urls=pages,
            logout_urls=pages,
            # Nobody signs in past Cognito's own pages.
            explicit_auth_flows=["ALLOW_REFRESH_TOKEN_AUTH"],
            prevent_user_existence_errors="ENABLED",
            enable_token_revocation=True,
            read_attributes=["email"],
            write_attributes=["email"],
            access_token_validity=ACCESS_MINUTES,
            id_token_validity=ACCESS_MINUTES,
            refresh_token_validity=REFRESH_MINUTES,
            token_validity_units={"access_token": "minutes", "id_token": "minutes", "refresh_token": "minutes"},
            opts=self._child,
        )
        aws.cognito.ManagedLoginBranding(
            exact,
            user_pool_id=self.pool_id,
            client_id=client.id,
            use_cognito_provided_values=True,
            # Pages that nobody has styled are not shown at all.
            opts=pulumi.ResourceOptions(parent=self, depends_on=[self._domain]),
        )
        return client.id

    def _make_pool(self) -> aws.cognito.UserPool:
        names = self._args.names
        return aws.cognito.UserPool(
            names.of("accounts", PURPOSE),
            name=names.exact("accounts", PURPOSE),
            user_pool_tier="ESSENTIALS",
            deletion_protection="ACTIVE" if self._args.protected else "INACTIVE",
            username_attributes=["email"],
            auto_verified_attributes=["email"],
            username_configuration={"case_sensitive": False},
            admin_create_user_config={"allow_admin_create_user_only": True},
            account_recovery_setting={"recovery_mechanisms": [{"name": "verified_email", "priority": 1}]},
            user_attribute_update_settings={"attributes_require_verification_before_updates": ["email"]},
            password_policy={
                "minimum_length": PASSWORD_LENGTH,
                "require_lowercase": True,
                "require_uppercase": True,
                "require_numbers": True,
                "require_symbols": True,
                "password_history_size": 5,
                "temporary_password_validity_days": INVITATION_DAYS,
            },
            mfa_configuration="ON",
            software_token_mfa_configuration={"enabled": True},
            opts=pulumi.ResourceOptions(parent=self, protect=self._args.protected),
        )


def address(domain: str, place: Place) -> str:
    """Where Cognito's pages are: the beginning of a host name is completed, a whole host name is taken as it is."""
    if domain.partition(":")[0] == "localhost":
        return f"http://{domain}"
    return f"https://{domain}" if "." in domain else f"https://{domain}.auth.{place.region}.amazoncognito.com"
