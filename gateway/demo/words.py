"""The words that the demo company's people, places and products are made of. All of it is made up."""

from __future__ import annotations

FIRST_NAMES = (
    "Ada", "Bruno", "Chidi", "Dana", "Emil", "Fatima", "Greta", "Hugo", "Ines", "Jonas", "Karla", "Levin", "Mona", "Nadia", "Oskar",
    "Paula", "Quentin", "Rosa", "Sofia", "Tariq", "Ute", "Viktor", "Wanda", "Xaver", "Yara", "Zoe",
)  # fmt: skip
LAST_NAMES = (
    "Abel", "Brandt", "Costa", "Dierks", "Eriksen", "Ferrari", "Gruber", "Hansen", "Iversen", "Janssen", "Keller", "Lindqvist",
    "Moreau", "Novak", "O'Brien", "Petersen", "Quist", "Rossi", "Schäfer", "Tanaka", "Ullmann", "Vogel", "Weiß", "Yilmaz", "Zeller",
)  # fmt: skip
CITIES = ("Hamburg", "Berlin", "Vienna", "Rotterdam", "Dublin", "Lyon", "Porto", "Gdańsk", "Aarhus", "Graz", "Bremen", "Ghent")
HUBS = ("Hamburg Hub", "Leipzig Hub", "Duisburg Hub", "Nuremberg Hub", "Linz Hub", "Venlo Hub")
WAREHOUSES = ("Hamburg", "Leipzig", "Venlo")
DEPARTMENTS = ("Warehouse", "Transport", "Customer care", "Stores")

CATEGORIES: tuple[tuple[str, str, tuple[str, ...]], ...] = (
    ("LMP", "lamps", ("Desk lamp", "Floor lamp", "Wall lamp", "Reading lamp", "Lantern")),
    ("DSK", "desks", ("Standing desk", "Writing desk", "Corner desk", "Folding desk")),
    ("CHR", "chairs", ("Office chair", "Dining chair", "Rocking chair", "Bar stool")),
    ("SHF", "shelves", ("Book shelf", "Wall shelf", "Shoe rack", "Wine rack")),
    ("KTC", "kitchen", ("Kettle", "Pan", "Knife block", "Cutting board", "Teapot")),
    ("TXT", "textiles", ("Rug", "Blanket", "Cushion", "Curtain")),
    ("GRD", "garden", ("Watering can", "Garden bench", "Planter", "Parasol")),
)
"""Prefix of the article number, category, and what it holds."""

FINISHES = ("oak", "steel", "linen", "ceramic")

TICKET_SUBJECTS = (
    "Parcel arrived damaged", "Wrong colour delivered", "Invoice address is out of date", "Part is missing",
    "Please change the delivery day", "Refund has not arrived", "Lamp flickers", "Assembly instructions are missing",
)  # fmt: skip
