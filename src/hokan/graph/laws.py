"""Ready physics: known laws between properties of solids, as formulas and as priors on exponents.

A law is used in one of two ways. As a *formula* the property follows it, up to the constants, which
are fitted, and a discrepancy. As a *prior* it only says around which exponents links between
logarithms are expected, and the data may disagree: these laws are rough, and differ in their
constants from one class of materials to the next.

All are laws for solids with like bonds. For compounds, masses, volumes and energies are per mole of
atoms: the molar mass over the number of atoms in the formula.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from hokan.errors import GraphError
from hokan.graph.formula import Formula
from hokan.graph.wording import did_you_mean


@dataclass(frozen=True)
class Law:
    """A law between properties, which are called by their roles in it.

    Attributes
    ----------
    name : str
    result : str
        The role of the property it gives.
    result_unit : str
    units : dict of str to str
        The roles of the parents, and for each a unit; `typical` holds in these.
    formula : str
        In the names of the roles.
    typical : dict of str to float
        For every constant of the formula a value that is right to a factor of about two for most
        solids the law is for, as a place to start from.
    around : dict of str to float
        Values of the parents around which `exponents` hold, for a law that is no product of powers.
    explanation : str
    source : str
    """

    name: str
    result: str
    result_unit: str
    units: dict[str, str]
    formula: str
    typical: dict[str, float]
    explanation: str
    source: str
    around: dict[str, float] | None = None

    @property
    def roles(self) -> tuple[str, ...]:
        """The roles of the parents."""
        return tuple(self.units)

    @property
    def parsed_formula(self) -> Formula:
        """The formula in the names of the roles."""
        return Formula.parse(self.formula, self.roles)

    @property
    def exponents(self) -> dict[str, float]:
        """Exponents by role: slopes between logarithms, all of them where they are the same."""
        formula = self.parsed_formula
        powers = formula.as_power_law()
        if powers is not None:
            return dict(powers.exponents)
        around = self.around or {}
        value, slopes, _ = formula.value_and_derivatives(around, self.typical)
        return {role: float(slopes[role] * around[role] / value) for role in self.roles}

    def prior(self, columns: Mapping[str, str]) -> dict[str, float]:
        """Return prior means of links, for :attr:`Property.prior` with log transforms.

        Parameters
        ----------
        columns : mapping from roles to properties
            Of all roles, or of those the table has.

        Returns
        -------
        dict of str to float
            By property.

        Raises
        ------
        GraphError
            If the law has no such role, or a property is given two roles.
        """
        self._check_roles(columns)
        exponents = self.exponents
        return {columns[role]: exponents[role] for role in self.roles if role in columns}

    def formula_for(self, columns: Mapping[str, str]) -> str:
        """Return the formula in the names of properties, for :attr:`Property.formula`.

        Parameters
        ----------
        columns : mapping from roles to properties
            Of all roles.

        Raises
        ------
        GraphError
            If a role is missing or not known, a property is given two roles, or one is called like
            a constant.
        """
        self._check_roles(columns)
        for role in self.roles:
            if role not in columns:
                raise GraphError(
                    f"the formula of {self.name} needs a property for {role!r} ({self.units[role]})"
                )
        return str(self.parsed_formula.renamed(columns))

    def _check_roles(self, columns: Mapping[str, str]) -> None:
        for role in columns:
            if role not in self.units:
                raise GraphError(
                    f"{self.name} has no role {role!r}{did_you_mean(role, self.roles)}; "
                    f"it has {', '.join(map(repr, self.roles))}"
                )
        if len(set(columns.values())) < len(columns):
            raise GraphError(f"{self.name}: one property is given two roles in {dict(columns)}")


_LAWS = (
    Law(
        name="lindemann",
        result="melting_point",
        result_unit="K",
        units={"molar_mass": "g/mol", "debye_temperature": "K", "molar_volume": "cm3/mol"},
        formula="c * molar_mass * debye_temperature**2 * molar_volume**(2/3)",
        typical={"c": 4.5e-5},
        explanation=(
            "A crystal melts where its atoms swing by a certain part of their distance, about a "
            "tenth. Their mean square displacement at high temperatures goes as T/(M θ²), their "
            "distance as V^(1/3), so that T_m goes as M θ² V^(2/3)."
        ),
        source=(
            "F. A. Lindemann, Physikalische Zeitschrift 11, 609 (1910); in this form G. Grimvall, "
            "Thermophysical Properties of Materials, Elsevier 1999"
        ),
    ),
    Law(
        name="cohesive_energy_melting",
        result="melting_point",
        result_unit="K",
        units={"cohesive_energy": "eV/atom"},
        formula="c * cohesive_energy",
        typical={"c": 360.0},
        explanation=(
            "Melting loosens the bonds that hold a solid together: for metals k_B T_m is about 3 "
            "per cent of the cohesive energy."
        ),
        source=(
            "Empirical; the factor from the cohesive energies and melting points tabulated in "
            "C. Kittel, Introduction to Solid State Physics, 8th ed., Wiley 2005, ch. 3"
        ),
    ),
    Law(
        name="shear_modulus_melting",
        result="melting_point",
        result_unit="K",
        units={"shear_modulus": "GPa", "molar_volume": "cm3/mol"},
        formula="c * shear_modulus * molar_volume",
        typical={"c": 3.9},
        explanation=(
            "Where melting is a flood of dislocations, k_B T_m goes as the energy of a dislocation "
            "per atom along it, the shear modulus times the atomic volume. Lindemann's law says "
            "the same with a Debye temperature from the speed of shear waves."
        ),
        source=(
            "L. Burakovsky, D. L. Preston and R. R. Silbar, Physical Review B 61, 15011 (2000)"
        ),
    ),
    Law(
        name="bulk_modulus_melting",
        result="melting_point",
        result_unit="K",
        units={"bulk_modulus": "GPa", "molar_volume": "cm3/mol"},
        formula="c * bulk_modulus * molar_volume",
        typical={"c": 1.1},
        explanation=(
            "Lindemann's law with the Debye temperature from a speed of sound that goes as the "
            "root of bulk modulus over density: mass and Debye temperature drop out, and the bulk "
            "modulus times the volume is left, an energy."
        ),
        source=(
            "Follows from F. A. Lindemann, Physikalische Zeitschrift 11, 609 (1910); for such "
            "correlations G. Grimvall and S. Sjödin, Physica Scripta 10, 340 (1974)"
        ),
    ),
    Law(
        name="richards",
        result="melting_point",
        result_unit="K",
        units={"heat_of_fusion": "kJ/mol"},
        formula="heat_of_fusion / entropy_of_fusion",
        typical={"entropy_of_fusion": 9.0e-3},
        explanation=(
            "Richards's rule. At the melting point heat and entropy of fusion are in balance, "
            "T_m = ΔH/ΔS; for metals ΔS is about the gas constant, 8.3 J/(mol K), per mole of "
            "atoms. Semiconductors, which change their bonds, have more than twice that."
        ),
        source="J. W. Richards, Journal of the Franklin Institute 143, 379 (1897)",
    ),
    Law(
        name="trouton",
        result="boiling_point",
        result_unit="K",
        units={"heat_of_vaporization": "kJ/mol"},
        formula="heat_of_vaporization / entropy_of_vaporization",
        typical={"entropy_of_vaporization": 0.1},
        explanation=(
            "Trouton's rule. T_b = ΔH/ΔS, and the entropy of vaporization is nearly that of the "
            "vapour, 85 to 88 J/(mol K) for many molecular liquids and a little more for metals."
        ),
        source="F. Trouton, Philosophical Magazine 18, 54 (1884)",
    ),
    Law(
        name="boiling_point_melting",
        result="melting_point",
        result_unit="K",
        units={"boiling_point": "K"},
        formula="c * boiling_point",
        typical={"c": 0.45},
        explanation=(
            "Both follow the strength of the bonds, so that their ratio differs less from solid to "
            "solid than either of them: 0.3 to 0.6 for common metals, near 0.6 for many molecular "
            "solids. The liquid range of compounds that decompose is another matter."
        ),
        source="R. Lorenz and W. Herz, Zeitschrift für anorganische Chemie 122, 51 (1922)",
    ),
    Law(
        name="anderson",
        result="debye_temperature",
        result_unit="K",
        units={
            "bulk_modulus": "GPa",
            "shear_modulus": "GPa",
            "density": "g/cm3",
            "molar_mass": "g/mol",
        },
        # The mean speed of sound: of three waves, two are of shear.
        formula=(
            "c * (density / molar_mass)**(1/3) * (2/3 * (density / shear_modulus)**(3/2)"
            " + 1/3 * (density / (bulk_modulus + 4/3 * shear_modulus))**(3/2))**(-1/3)"
        ),
        # h/k_B (3 N_A/4π)^(1/3), for GPa, g/cm³ and g/mol; from exact values of the constants.
        typical={"c": 251.42},
        explanation=(
            "The highest frequency of Debye's model, from the number of atoms in a volume and the "
            "mean speed of sound, which the moduli and the density give for an isotropic solid. "
            "The constant is known; exponents hold around a Poisson ratio of 1/4."
        ),
        source="O. L. Anderson, Journal of Physics and Chemistry of Solids 24, 909 (1963)",
        # Poisson's ratio is 1/4 where K = 5/3 G.
        around={"bulk_modulus": 100.0, "shear_modulus": 60.0, "density": 5.0, "molar_mass": 50.0},
    ),
    Law(
        name="slack",
        result="thermal_conductivity",
        result_unit="W/(m K)",
        units={"molar_mass": "g/mol", "debye_temperature": "K", "molar_volume": "cm3/mol"},
        formula="c * molar_mass * debye_temperature**3 * molar_volume**(1/3)",
        typical={"c": 5e-9},
        explanation=(
            "The heat that lattice waves carry at one temperature, not far below the Debye "
            "temperature, held up by their scattering from each other. The Grüneisen parameter (to "
            "the power -2) and the number of atoms in the primitive cell (-2/3) are part of the "
            "constant here. For insulators: in metals electrons carry most of the heat."
        ),
        source="G. A. Slack, Journal of Physics and Chemistry of Solids 34, 321 (1973)",
    ),
)

#: The laws by name.
LAWS: dict[str, Law] = {law.name: law for law in _LAWS}


def find_law(name: str) -> Law:
    """Return the law of this name.

    Raises
    ------
    GraphError
        If there is none, with those there are.

    Examples
    --------
    >>> lindemann = find_law("lindemann")
    >>> lindemann.prior({"debye_temperature": "theta_K", "molar_volume": "V"})
    {'theta_K': 2.0, 'V': 0.6666666666666666}
    """
    if name not in LAWS:
        raise GraphError(
            f"there is no law {name!r}{did_you_mean(name, LAWS)}; laws are {', '.join(LAWS)}"
        )
    return LAWS[name]
