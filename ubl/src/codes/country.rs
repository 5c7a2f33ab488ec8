//! ISO 3166-1 countries, found by code or by the names people and CRMs write.

/// The alpha-2 code of a country given as alpha-2, alpha-3 or an English name, in any case.
///
/// ```
/// use taxpoynt_ubl::country::country_code;
/// assert_eq!(country_code("Nigeria"), Some("NG"));
/// assert_eq!(country_code(" gbr "), Some("GB"));
/// assert_eq!(country_code("Wakanda"), None);
/// ```
#[must_use]
pub fn country_code(name_or_code: &str) -> Option<&'static str> {
    let wanted = name_or_code.trim().to_lowercase().replace(" & ", " and ");
    let plain = wanted.is_ascii();
    let is = |text: &str| text.eq_ignore_ascii_case(&wanted) || (!plain && text.to_lowercase() == wanted);
    let row = COUNTRIES.iter().find(|(alpha2, alpha3, name)| is(alpha2) || is(alpha3) || is(name));
    row.map(|row| row.0).or_else(|| ALIASES.iter().find(|(alias, _)| *alias == wanted).map(|(_, code)| *code))
}

/// The English short name of an alpha-2 code.
#[must_use]
pub fn country_name(alpha2: &str) -> Option<&'static str> {
    COUNTRIES.iter().find(|row| row.0 == alpha2).map(|row| row.2)
}

/// Alpha-2 code and English short name of every country, by code.
pub fn countries() -> impl Iterator<Item = (&'static str, &'static str)> {
    COUNTRIES.iter().map(|row| (row.0, row.2))
}

/// Alpha-2, alpha-3, English short name. Sorted. Source: ISO 3166-1.
#[rustfmt::skip]
const COUNTRIES: &[(&str, &str, &str)] = &[
    ("AD", "AND", "Andorra"), ("AE", "ARE", "United Arab Emirates"), ("AF", "AFG", "Afghanistan"),
    ("AG", "ATG", "Antigua and Barbuda"), ("AI", "AIA", "Anguilla"), ("AL", "ALB", "Albania"),
    ("AM", "ARM", "Armenia"), ("AO", "AGO", "Angola"), ("AQ", "ATA", "Antarctica"),
    ("AR", "ARG", "Argentina"), ("AS", "ASM", "American Samoa"), ("AT", "AUT", "Austria"),
    ("AU", "AUS", "Australia"), ("AW", "ABW", "Aruba"), ("AX", "ALA", "Åland Islands"),
    ("AZ", "AZE", "Azerbaijan"), ("BA", "BIH", "Bosnia and Herzegovina"), ("BB", "BRB", "Barbados"),
    ("BD", "BGD", "Bangladesh"), ("BE", "BEL", "Belgium"), ("BF", "BFA", "Burkina Faso"),
    ("BG", "BGR", "Bulgaria"), ("BH", "BHR", "Bahrain"), ("BI", "BDI", "Burundi"), ("BJ", "BEN", "Benin"),
    ("BL", "BLM", "Saint Barthélemy"), ("BM", "BMU", "Bermuda"), ("BN", "BRN", "Brunei Darussalam"),
    ("BO", "BOL", "Bolivia"), ("BQ", "BES", "Bonaire, Sint Eustatius and Saba"), ("BR", "BRA", "Brazil"),
    ("BS", "BHS", "Bahamas"), ("BT", "BTN", "Bhutan"), ("BV", "BVT", "Bouvet Island"),
    ("BW", "BWA", "Botswana"), ("BY", "BLR", "Belarus"), ("BZ", "BLZ", "Belize"), ("CA", "CAN", "Canada"),
    ("CC", "CCK", "Cocos (Keeling) Islands"), ("CD", "COD", "Democratic Republic of the Congo"),
    ("CF", "CAF", "Central African Republic"), ("CG", "COG", "Congo"), ("CH", "CHE", "Switzerland"),
    ("CI", "CIV", "Côte d'Ivoire"), ("CK", "COK", "Cook Islands"), ("CL", "CHL", "Chile"),
    ("CM", "CMR", "Cameroon"), ("CN", "CHN", "China"), ("CO", "COL", "Colombia"),
    ("CR", "CRI", "Costa Rica"), ("CU", "CUB", "Cuba"), ("CV", "CPV", "Cabo Verde"),
    ("CW", "CUW", "Curaçao"), ("CX", "CXR", "Christmas Island"), ("CY", "CYP", "Cyprus"),
    ("CZ", "CZE", "Czechia"), ("DE", "DEU", "Germany"), ("DJ", "DJI", "Djibouti"), ("DK", "DNK", "Denmark"),
    ("DM", "DMA", "Dominica"), ("DO", "DOM", "Dominican Republic"), ("DZ", "DZA", "Algeria"),
    ("EC", "ECU", "Ecuador"), ("EE", "EST", "Estonia"), ("EG", "EGY", "Egypt"),
    ("EH", "ESH", "Western Sahara"), ("ER", "ERI", "Eritrea"), ("ES", "ESP", "Spain"),
    ("ET", "ETH", "Ethiopia"), ("FI", "FIN", "Finland"), ("FJ", "FJI", "Fiji"),
    ("FK", "FLK", "Falkland Islands"), ("FM", "FSM", "Micronesia"), ("FO", "FRO", "Faroe Islands"),
    ("FR", "FRA", "France"), ("GA", "GAB", "Gabon"), ("GB", "GBR", "United Kingdom"),
    ("GD", "GRD", "Grenada"), ("GE", "GEO", "Georgia"), ("GF", "GUF", "French Guiana"),
    ("GG", "GGY", "Guernsey"), ("GH", "GHA", "Ghana"), ("GI", "GIB", "Gibraltar"),
    ("GL", "GRL", "Greenland"), ("GM", "GMB", "Gambia"), ("GN", "GIN", "Guinea"),
    ("GP", "GLP", "Guadeloupe"), ("GQ", "GNQ", "Equatorial Guinea"), ("GR", "GRC", "Greece"),
    ("GS", "SGS", "South Georgia and the South Sandwich Islands"), ("GT", "GTM", "Guatemala"),
    ("GU", "GUM", "Guam"), ("GW", "GNB", "Guinea-Bissau"), ("GY", "GUY", "Guyana"),
    ("HK", "HKG", "Hong Kong"), ("HM", "HMD", "Heard Island and McDonald Islands"),
    ("HN", "HND", "Honduras"), ("HR", "HRV", "Croatia"), ("HT", "HTI", "Haiti"), ("HU", "HUN", "Hungary"),
    ("ID", "IDN", "Indonesia"), ("IE", "IRL", "Ireland"), ("IL", "ISR", "Israel"),
    ("IM", "IMN", "Isle of Man"), ("IN", "IND", "India"), ("IO", "IOT", "British Indian Ocean Territory"),
    ("IQ", "IRQ", "Iraq"), ("IR", "IRN", "Iran"), ("IS", "ISL", "Iceland"), ("IT", "ITA", "Italy"),
    ("JE", "JEY", "Jersey"), ("JM", "JAM", "Jamaica"), ("JO", "JOR", "Jordan"), ("JP", "JPN", "Japan"),
    ("KE", "KEN", "Kenya"), ("KG", "KGZ", "Kyrgyzstan"), ("KH", "KHM", "Cambodia"),
    ("KI", "KIR", "Kiribati"), ("KM", "COM", "Comoros"), ("KN", "KNA", "Saint Kitts and Nevis"),
    ("KP", "PRK", "North Korea"), ("KR", "KOR", "South Korea"), ("KW", "KWT", "Kuwait"),
    ("KY", "CYM", "Cayman Islands"), ("KZ", "KAZ", "Kazakhstan"), ("LA", "LAO", "Laos"),
    ("LB", "LBN", "Lebanon"), ("LC", "LCA", "Saint Lucia"), ("LI", "LIE", "Liechtenstein"),
    ("LK", "LKA", "Sri Lanka"), ("LR", "LBR", "Liberia"), ("LS", "LSO", "Lesotho"),
    ("LT", "LTU", "Lithuania"), ("LU", "LUX", "Luxembourg"), ("LV", "LVA", "Latvia"),
    ("LY", "LBY", "Libya"), ("MA", "MAR", "Morocco"), ("MC", "MCO", "Monaco"), ("MD", "MDA", "Moldova"),
    ("ME", "MNE", "Montenegro"), ("MF", "MAF", "Saint Martin"), ("MG", "MDG", "Madagascar"),
    ("MH", "MHL", "Marshall Islands"), ("MK", "MKD", "North Macedonia"), ("ML", "MLI", "Mali"),
    ("MM", "MMR", "Myanmar"), ("MN", "MNG", "Mongolia"), ("MO", "MAC", "Macao"),
    ("MP", "MNP", "Northern Mariana Islands"), ("MQ", "MTQ", "Martinique"), ("MR", "MRT", "Mauritania"),
    ("MS", "MSR", "Montserrat"), ("MT", "MLT", "Malta"), ("MU", "MUS", "Mauritius"),
    ("MV", "MDV", "Maldives"), ("MW", "MWI", "Malawi"), ("MX", "MEX", "Mexico"), ("MY", "MYS", "Malaysia"),
    ("MZ", "MOZ", "Mozambique"), ("NA", "NAM", "Namibia"), ("NC", "NCL", "New Caledonia"),
    ("NE", "NER", "Niger"), ("NF", "NFK", "Norfolk Island"), ("NG", "NGA", "Nigeria"),
    ("NI", "NIC", "Nicaragua"), ("NL", "NLD", "Netherlands"), ("NO", "NOR", "Norway"),
    ("NP", "NPL", "Nepal"), ("NR", "NRU", "Nauru"), ("NU", "NIU", "Niue"), ("NZ", "NZL", "New Zealand"),
    ("OM", "OMN", "Oman"), ("PA", "PAN", "Panama"), ("PE", "PER", "Peru"),
    ("PF", "PYF", "French Polynesia"), ("PG", "PNG", "Papua New Guinea"), ("PH", "PHL", "Philippines"),
    ("PK", "PAK", "Pakistan"), ("PL", "POL", "Poland"), ("PM", "SPM", "Saint Pierre and Miquelon"),
    ("PN", "PCN", "Pitcairn"), ("PR", "PRI", "Puerto Rico"), ("PS", "PSE", "Palestine"),
    ("PT", "PRT", "Portugal"), ("PW", "PLW", "Palau"), ("PY", "PRY", "Paraguay"), ("QA", "QAT", "Qatar"),
    ("RE", "REU", "Réunion"), ("RO", "ROU", "Romania"), ("RS", "SRB", "Serbia"), ("RU", "RUS", "Russia"),
    ("RW", "RWA", "Rwanda"), ("SA", "SAU", "Saudi Arabia"), ("SB", "SLB", "Solomon Islands"),
    ("SC", "SYC", "Seychelles"), ("SD", "SDN", "Sudan"), ("SE", "SWE", "Sweden"),
    ("SG", "SGP", "Singapore"), ("SH", "SHN", "Saint Helena, Ascension and Tristan da Cunha"),
    ("SI", "SVN", "Slovenia"), ("SJ", "SJM", "Svalbard and Jan Mayen"), ("SK", "SVK", "Slovakia"),
    ("SL", "SLE", "Sierra Leone"), ("SM", "SMR", "San Marino"), ("SN", "SEN", "Senegal"),
    ("SO", "SOM", "Somalia"), ("SR", "SUR", "Suriname"), ("SS", "SSD", "South Sudan"),
    ("ST", "STP", "Sao Tome and Principe"), ("SV", "SLV", "El Salvador"), ("SX", "SXM", "Sint Maarten"),
    ("SY", "SYR", "Syria"), ("SZ", "SWZ", "Eswatini"), ("TC", "TCA", "Turks and Caicos Islands"),
    ("TD", "TCD", "Chad"), ("TF", "ATF", "French Southern Territories"), ("TG", "TGO", "Togo"),
    ("TH", "THA", "Thailand"), ("TJ", "TJK", "Tajikistan"), ("TK", "TKL", "Tokelau"),
    ("TL", "TLS", "Timor-Leste"), ("TM", "TKM", "Turkmenistan"), ("TN", "TUN", "Tunisia"),
    ("TO", "TON", "Tonga"), ("TR", "TUR", "Türkiye"), ("TT", "TTO", "Trinidad and Tobago"),
    ("TV", "TUV", "Tuvalu"), ("TW", "TWN", "Taiwan"), ("TZ", "TZA", "Tanzania"), ("UA", "UKR", "Ukraine"),
    ("UG", "UGA", "Uganda"), ("UM", "UMI", "United States Minor Outlying Islands"),
    ("US", "USA", "United States"), ("UY", "URY", "Uruguay"), ("UZ", "UZB", "Uzbekistan"),
    ("VA", "VAT", "Holy See"), ("VC", "VCT", "Saint Vincent and the Grenadines"),
    ("VE", "VEN", "Venezuela"), ("VG", "VGB", "British Virgin Islands"),
    ("VI", "VIR", "United States Virgin Islands"), ("VN", "VNM", "Vietnam"), ("VU", "VUT", "Vanuatu"),
    ("WF", "WLF", "Wallis and Futuna"), ("WS", "WSM", "Samoa"), ("YE", "YEM", "Yemen"),
    ("YT", "MYT", "Mayotte"), ("ZA", "ZAF", "South Africa"), ("ZM", "ZMB", "Zambia"),
    ("ZW", "ZWE", "Zimbabwe"),
];

/// Other names in use, lower case.
#[rustfmt::skip]
const ALIASES: &[(&str, &str)] = &[
    ("aland islands", "AX"), ("america", "US"), ("bolivia, plurinational state of", "BO"),
    ("britain", "GB"), ("brunei", "BN"), ("burma", "MM"), ("cape verde", "CV"), ("congo (dem. rep.)", "CD"),
    ("congo, the democratic republic of the", "CD"), ("congo-brazzaville", "CG"), ("congo-kinshasa", "CD"),
    ("cote d'ivoire", "CI"), ("curacao", "CW"), ("czech republic", "CZ"), ("côte d’ivoire", "CI"),
    ("democratic people's republic of korea", "KP"), ("deutschland", "DE"), ("dr congo", "CD"),
    ("drc", "CD"), ("east timor", "TL"), ("el", "GR"), ("england", "GB"), ("españa", "ES"),
    ("falkland islands (malvinas)", "FK"), ("federal republic of nigeria", "NG"), ("great britain", "GB"),
    ("holland", "NL"), ("hong kong sar", "HK"), ("iran, islamic republic of", "IR"),
    ("islamic republic of iran", "IR"), ("ivory coast", "CI"), ("korea", "KR"), ("korea (north)", "KP"),
    ("korea (south)", "KR"), ("korea, republic of", "KR"), ("lao people's democratic republic", "LA"),
    ("macau", "MO"), ("macedonia", "MK"), ("micronesia, federated states of", "FM"),
    ("moldova, republic of", "MD"), ("northern ireland", "GB"), ("palestine, state of", "PS"),
    ("republic of korea", "KR"), ("republic of moldova", "MD"), ("republic of the congo", "CG"),
    ("reunion", "RE"), ("russian federation", "RU"), ("saint barthelemy", "BL"), ("saint helena", "SH"),
    ("saint martin (french part)", "MF"), ("sao tomé and príncipe", "ST"), ("scotland", "GB"),
    ("sint maarten (dutch part)", "SX"), ("st kitts and nevis", "KN"), ("st lucia", "LC"),
    ("st vincent and the grenadines", "VC"), ("swaziland", "SZ"), ("syrian arab republic", "SY"),
    ("são tomé and príncipe", "ST"), ("taiwan, province of china", "TW"),
    ("tanzania, united republic of", "TZ"), ("the bahamas", "BS"), ("the gambia", "GM"),
    ("the netherlands", "NL"), ("the united states", "US"), ("turkey", "TR"), ("turkiye", "TR"),
    ("u.a.e.", "AE"), ("u.k.", "GB"), ("u.s.", "US"), ("u.s.a.", "US"), ("uae", "AE"), ("uk", "GB"),
    ("united kingdom of great britain and northern ireland", "GB"), ("united republic of tanzania", "TZ"),
    ("united states of america", "US"), ("vatican", "VA"), ("vatican city", "VA"),
    ("venezuela, bolivarian republic of", "VE"), ("viet nam", "VN"), ("virgin islands (british)", "VG"),
    ("virgin islands (u.s.)", "VI"), ("wales", "GB"),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_country_is_found_by_both_codes_and_its_name() {
        for (alpha2, alpha3, name) in COUNTRIES {
            for text in [alpha2, alpha3, name] {
                assert_eq!(country_code(text), Some(*alpha2), "{text}");
            }
        }
    }

    #[test]
    fn other_names_lead_to_listed_countries_and_hide_none() {
        for (alias, code) in ALIASES {
            assert!(country_name(code).is_some(), "{alias}");
            assert_eq!(country_code(alias), Some(*code), "{alias}");
        }
    }
}
