"""Make RPLS files of invented dwellings, in every published layout."""

import csv
import io

COLUMNS_2018 = (  # noqa: SIM905 - readable as the header it is
    "REG LIBREG DEP LIBDEP EPCI LIBEPCI DROIT DEPCOM CODEPOSTAL LIBCOM NUMVOIE INDREP TYPVOIE "
    "NOMVOIE NUMAPPT NUMBOITE ESC COULOIR ETAGE COMPLIDENT ENTREE BAT IMMEU COMPLGEO LIEUDIT "
    "QPV TYPECONST NBPIECE SURFHAB CONSTRUCT LOCAT PATRIMOINE ORIGINE FINAN FINANAUTRE CONV "
    "NUMCONV DATCONV NEWLOGT CUS DPEDATE DPEENERGIE DPESERRE SRU_EXPIR SRU_ALINEA CODSEGPATRIM "
    "LIBSEGPATRIM"
).split()
# Since 2023. Rebuilt from public listings of the columns, not from a real file; no listing has a
# door. QUALITE_COM is a filler of ours to reach the 73 columns announced.
COLUMNS_2023 = (  # noqa: SIM905 - readable as the header it is
    "REG_CODE REG_LIBELLE DEP_CODE DEP_LIBELLE EPCI_CODE EPCI_LIBELLE DROIT_CODE DROIT_LIBELLE "
    "DEPCOM_CODE DEPCOM_LIBELLE CODEPOSTAL NUMVOIE INDREP TYPVOIE NOMVOIE ETAGE COMPLGEO "
    "LIEUDIT QPV_CODE QPV_LIBELLE TYPECONST_CODE TYPECONST_LIBELLE NBPIECE SURFHAB CONSTRUCT "
    "LOCAT PATRIMOINE ORIGINE_CODE ORIGINE_LIBELLE FINAN_CODE FINAN_LIBELLE FINANAUTRE CONV "
    "NUMCONV DATCONV NEWLOGT_CODE NEWLOGT_LIBELLE CUS DPEDATE DPEENERGIE DPESERRE SRU_EXPIR "
    "SRU_ALINEA CODSEGPATRIM LIBSEGPATRIM PMR_CODE PMR_LIBELLE PLG_VOIE EPSG X Y PLG_QP "
    "PLG_IRIS2022_CODE PLG_IRIS2022_LIBELLE PLG_ZUS PLG_ZFU PLG_QVA QUALITE_VOIE QUALITE_NUMERO "
    "QUALITE_XY DISTANCE_PRECISION QUALITE_QP QUALITE_IRIS QUALITE_ZUS QUALITE_ZFU QUALITE_QVA "
    "COMAQP COMAZUS COMIRIS UU2020 AAV2020 ZE2020 QUALITE_COM"
).split()
LAYOUTS = {
    "2017": [f"{name}_red" for name in COLUMNS_2018],
    "2018": COLUMNS_2018,
    "2023": COLUMNS_2023,
    "geolocated": [*COLUMNS_2018, "X", "Y", "EPSG"],
    "landlord": ["IDENT_INT", "IDENT_REP", *COLUMNS_2018],
}


def dwelling(number: int, **changes: str) -> dict[str, str]:
    """Values by RPLS base name of the invented dwelling ``number``; four on a floor."""
    values = {
        "DEPCOM": "01999", "CODEPOSTAL": "01990", "LIBCOM": "Évreuil-l'Étang", "NUMVOIE": "12",
        "INDREP": "B", "TYPVOIE": "RUE", "NOMVOIE": "RUE DES ÉGLANTINES", "NUMAPPT": str(number),
        "ESC": "01", "ETAGE": f"{number // 4:02d}", "ENTREE": "1", "BAT": "A", "IMMEU": "A",
        "LIEUDIT": "LES ÉGLANTINES", "QPV": "1", "TYPECONST": "C", "NBPIECE": "3",
        "SURFHAB": "66,5", "CONSTRUCT": "1972", "LOCAT": "1973", "DPEENERGIE": "D",
        "DPESERRE": "E", "CODSEGPATRIM": "01", "LIBSEGPATRIM": "AGENCE DU LAC", "EPSG": "2154",
        "X": "652469,02", "Y": "6862035,26", "IDENT_INT": f"LGT{number:05d}", "IDENT_REP": "",
    }  # fmt: skip
    return values | changes


def rpls_bytes(rows, layout="2018", delimiter=";", encoding="iso-8859-1") -> bytes:
    """The file of ``rows`` (see :func:`dwelling`) as the given year and tool writes it."""
    columns = LAYOUTS[layout]
    text = io.StringIO()
    writer = csv.writer(text, delimiter=delimiter)
    writer.writerow(columns)
    for row in rows:
        bases = (name.removesuffix("_CODE").removesuffix("_red") for name in columns)
        cells = [row.get(base, "") for base in bases]
        if "DEPCOM_LIBELLE" in columns:
            cells[columns.index("DEPCOM_LIBELLE")] = row["LIBCOM"]
        writer.writerow(cells)
    return text.getvalue().encode(encoding)
