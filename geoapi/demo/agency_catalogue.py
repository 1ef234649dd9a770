# SPDX-License-Identifier: GPL-2.0-or-later
"""The table of agencies: ministries, departments and their offices in Chiang Rai.

Names of ministries, departments and provincial offices are real. ``{th}`` and ``{en}`` stand for
a district's name. Local administrations come from :mod:`geoapi.demo.agencies`.
"""

from __future__ import annotations

from typing import NamedTuple


class AgencyRow(NamedTuple):
    """One agency: key, its parent's key, its type in ``agency_type.json`` and its names."""

    key: str
    parent: str | None
    agency_type: str
    name_th: str
    name_en: str
    short_name: str = ""


MINISTRIES = (
    AgencyRow("opm", None, "ministry", "สำนักนายกรัฐมนตรี", "Office of the Prime Minister", "นร."),
    AgencyRow("moi", None, "ministry", "กระทรวงมหาดไทย", "Ministry of Interior", "มท."),
    AgencyRow("moph", None, "ministry", "กระทรวงสาธารณสุข", "Ministry of Public Health", "สธ."),
    AgencyRow("moe", None, "ministry", "กระทรวงศึกษาธิการ", "Ministry of Education", "ศธ."),
    AgencyRow(
        "mhesi", None, "ministry", "กระทรวงการอุดมศึกษา วิทยาศาสตร์ วิจัยและนวัตกรรม",
        "Ministry of Higher Education, Science, Research and Innovation", "อว.",
    ),
    AgencyRow("mof", None, "ministry", "กระทรวงการคลัง", "Ministry of Finance", "กค."),
    AgencyRow("mot", None, "ministry", "กระทรวงคมนาคม", "Ministry of Transport", "คค."),
    AgencyRow("mol", None, "ministry", "กระทรวงแรงงาน", "Ministry of Labour", "รง."),
    AgencyRow(
        "moac", None, "ministry", "กระทรวงเกษตรและสหกรณ์",
        "Ministry of Agriculture and Cooperatives", "กษ.",
    ),
    AgencyRow("moc", None, "ministry", "กระทรวงพาณิชย์", "Ministry of Commerce", "พณ."),
    AgencyRow("moj", None, "ministry", "กระทรวงยุติธรรม", "Ministry of Justice", "ยธ."),
    AgencyRow(
        "msdhs", None, "ministry", "กระทรวงการพัฒนาสังคมและความมั่นคงของมนุษย์",
        "Ministry of Social Development and Human Security", "พม.",
    ),
    AgencyRow("mcu", None, "ministry", "กระทรวงวัฒนธรรม", "Ministry of Culture", "วธ."),
    AgencyRow(
        "mdes", None, "ministry", "กระทรวงดิจิทัลเพื่อเศรษฐกิจและสังคม",
        "Ministry of Digital Economy and Society", "ดศ.",
    ),
)  # fmt: skip

DEPARTMENTS = (
    AgencyRow(
        "ops_moi", "moi", "department", "สำนักงานปลัดกระทรวงมหาดไทย",
        "Office of the Permanent Secretary for Interior", "สป.มท.",
    ),
    AgencyRow(
        "dopa", "moi", "department", "กรมการปกครอง",
        "Department of Provincial Administration", "ปค.",
    ),
    AgencyRow(
        "cdd", "moi", "department", "กรมการพัฒนาชุมชน",
        "Community Development Department", "พช.",
    ),
    AgencyRow("dol", "moi", "department", "กรมที่ดิน", "Department of Lands", "ทด."),
    AgencyRow(
        "dla", "moi", "department", "กรมส่งเสริมการปกครองท้องถิ่น",
        "Department of Local Administration", "สถ.",
    ),
    AgencyRow(
        "pea", "moi", "state_enterprise", "การไฟฟ้าส่วนภูมิภาค",
        "Provincial Electricity Authority", "กฟภ.",
    ),
    AgencyRow(
        "pwa", "moi", "state_enterprise", "การประปาส่วนภูมิภาค",
        "Provincial Waterworks Authority", "กปภ.",
    ),
    AgencyRow(
        "ops_moph", "moph", "department", "สำนักงานปลัดกระทรวงสาธารณสุข",
        "Office of the Permanent Secretary for Public Health", "สป.สธ.",
    ),
    AgencyRow(
        "ops_moe", "moe", "department", "สำนักงานปลัดกระทรวงศึกษาธิการ",
        "Office of the Permanent Secretary for Education", "สป.ศธ.",
    ),
    AgencyRow(
        "obec", "moe", "department", "สำนักงานคณะกรรมการการศึกษาขั้นพื้นฐาน",
        "Office of the Basic Education Commission", "สพฐ.",
    ),
    AgencyRow(
        "ovec", "moe", "department", "สำนักงานคณะกรรมการการอาชีวศึกษา",
        "Office of the Vocational Education Commission", "สอศ.",
    ),
    AgencyRow(
        "dole", "moe", "department", "กรมส่งเสริมการเรียนรู้",
        "Department of Learning Encouragement", "สกร.",
    ),
    AgencyRow("rd", "mof", "department", "กรมสรรพากร", "Revenue Department"),
    AgencyRow("customs", "mof", "department", "กรมศุลกากร", "Customs Department"),
    AgencyRow("excise", "mof", "department", "กรมสรรพสามิต", "Excise Department"),
    AgencyRow(
        "dlt", "mot", "department", "กรมการขนส่งทางบก", "Department of Land Transport", "ขบ.",
    ),
    AgencyRow(
        "aot", "mot", "state_enterprise", "บริษัท ท่าอากาศยานไทย จำกัด (มหาชน)",
        "Airports of Thailand Public Company Limited", "ทอท.",
    ),
    AgencyRow("doe", "mol", "department", "กรมการจัดหางาน", "Department of Employment", "กกจ."),
    AgencyRow(
        "sso", "mol", "department", "สำนักงานประกันสังคม", "Social Security Office", "สปส.",
    ),
    AgencyRow(
        "doae", "moac", "department", "กรมส่งเสริมการเกษตร",
        "Department of Agricultural Extension", "กสก.",
    ),
    AgencyRow(
        "dld", "moac", "department", "กรมปศุสัตว์", "Department of Livestock Development", "ปศ.",
    ),
    AgencyRow(
        "ops_moc", "moc", "department", "สำนักงานปลัดกระทรวงพาณิชย์",
        "Office of the Permanent Secretary for Commerce", "สป.พณ.",
    ),
    AgencyRow("doc", "moj", "department", "กรมราชทัณฑ์", "Department of Corrections", "รท."),
    AgencyRow(
        "ops_msdhs", "msdhs", "department",
        "สำนักงานปลัดกระทรวงการพัฒนาสังคมและความมั่นคงของมนุษย์",
        "Office of the Permanent Secretary for Social Development and Human Security", "สป.พม.",
    ),
    AgencyRow(
        "ops_mcu", "mcu", "department", "สำนักงานปลัดกระทรวงวัฒนธรรม",
        "Office of the Permanent Secretary for Culture", "สป.วธ.",
    ),
    AgencyRow(
        "thp", "mdes", "state_enterprise", "บริษัท ไปรษณีย์ไทย จำกัด",
        "Thailand Post Company Limited", "ปณท",
    ),
    AgencyRow(
        "dga", "opm", "public_organization", "สำนักงานพัฒนารัฐบาลดิจิทัล (องค์การมหาชน)",
        "Digital Government Development Agency (Public Organization)", "สพร.",
    ),
    # Answers to the Prime Minister, not to a ministry.
    AgencyRow("rtp", None, "department", "สำนักงานตำรวจแห่งชาติ", "Royal Thai Police", "ตร."),
    AgencyRow(
        "coj", None, "independent_body", "สำนักงานศาลยุติธรรม", "Office of the Judiciary", "ศย.",
    ),
    AgencyRow(
        "oag", None, "independent_body", "สำนักงานอัยการสูงสุด",
        "Office of the Attorney General", "อส.",
    ),
)  # fmt: skip

PROVINCIAL = (
    AgencyRow(
        "ops_moi_57", "ops_moi", "provincial_office", "สำนักงานจังหวัดเชียงราย",
        "Chiang Rai Provincial Governor's Office",
    ),
    AgencyRow(
        "dopa_57", "dopa", "provincial_office", "ที่ทำการปกครองจังหวัดเชียงราย",
        "Chiang Rai Provincial Administration Office",
    ),
    AgencyRow(
        "cdd_57", "cdd", "provincial_office", "สำนักงานพัฒนาชุมชนจังหวัดเชียงราย",
        "Chiang Rai Provincial Community Development Office", "สพจ.เชียงราย",
    ),
    AgencyRow(
        "dol_57", "dol", "provincial_office", "สำนักงานที่ดินจังหวัดเชียงราย",
        "Chiang Rai Provincial Land Office",
    ),
    AgencyRow(
        "dla_57", "dla", "provincial_office",
        "สำนักงานส่งเสริมการปกครองท้องถิ่นจังหวัดเชียงราย",
        "Chiang Rai Provincial Office of Local Administration", "สถจ.เชียงราย",
    ),
    AgencyRow(
        "moph_57", "ops_moph", "provincial_office", "สำนักงานสาธารณสุขจังหวัดเชียงราย",
        "Chiang Rai Provincial Public Health Office", "สสจ.เชียงราย",
    ),
    AgencyRow(
        "moe_57", "ops_moe", "provincial_office", "สำนักงานศึกษาธิการจังหวัดเชียงราย",
        "Chiang Rai Provincial Education Office", "ศธจ.เชียงราย",
    ),
    AgencyRow(
        "obec_57", "obec", "provincial_office",
        "สำนักงานเขตพื้นที่การศึกษาประถมศึกษาเชียงราย เขต 1",
        "Chiang Rai Primary Educational Service Area Office 1", "สพป.เชียงราย เขต 1",
    ),
    AgencyRow(
        "ovec_57", "ovec", "provincial_office", "สำนักงานอาชีวศึกษาจังหวัดเชียงราย",
        "Chiang Rai Provincial Vocational Education Office", "อศจ.เชียงราย",
    ),
    AgencyRow(
        "dole_57", "dole", "provincial_office", "สำนักงานส่งเสริมการเรียนรู้ประจำจังหวัดเชียงราย",
        "Chiang Rai Provincial Office of Learning Encouragement", "สกร.จังหวัดเชียงราย",
    ),
    AgencyRow(
        "rd_57", "rd", "provincial_office", "สำนักงานสรรพากรพื้นที่เชียงราย",
        "Chiang Rai Area Revenue Office",
    ),
    AgencyRow(
        "excise_57", "excise", "provincial_office", "สำนักงานสรรพสามิตพื้นที่เชียงราย",
        "Chiang Rai Area Excise Office",
    ),
    AgencyRow(
        "dlt_57", "dlt", "provincial_office", "สำนักงานขนส่งจังหวัดเชียงราย",
        "Chiang Rai Provincial Land Transport Office", "สขจ.เชียงราย",
    ),
    AgencyRow(
        "doe_57", "doe", "provincial_office", "สำนักงานจัดหางานจังหวัดเชียงราย",
        "Chiang Rai Provincial Employment Office", "สจจ.เชียงราย",
    ),
    AgencyRow(
        "sso_57", "sso", "provincial_office", "สำนักงานประกันสังคมจังหวัดเชียงราย",
        "Chiang Rai Provincial Social Security Office", "สปส.เชียงราย",
    ),
    AgencyRow(
        "doae_57", "doae", "provincial_office", "สำนักงานเกษตรจังหวัดเชียงราย",
        "Chiang Rai Provincial Agricultural Extension Office",
    ),
    AgencyRow(
        "dld_57", "dld", "provincial_office", "สำนักงานปศุสัตว์จังหวัดเชียงราย",
        "Chiang Rai Provincial Livestock Office",
    ),
    AgencyRow(
        "moc_57", "ops_moc", "provincial_office", "สำนักงานพาณิชย์จังหวัดเชียงราย",
        "Chiang Rai Provincial Commerce Office", "พณจ.เชียงราย",
    ),
    AgencyRow(
        "msdhs_57", "ops_msdhs", "provincial_office",
        "สำนักงานพัฒนาสังคมและความมั่นคงของมนุษย์จังหวัดเชียงราย",
        "Chiang Rai Provincial Social Development and Human Security Office", "พมจ.เชียงราย",
    ),
    AgencyRow(
        "mcu_57", "ops_mcu", "provincial_office", "สำนักงานวัฒนธรรมจังหวัดเชียงราย",
        "Chiang Rai Provincial Cultural Office", "สวจ.เชียงราย",
    ),
    AgencyRow(
        "rtp_57", "rtp", "provincial_office", "ตำรวจภูธรจังหวัดเชียงราย",
        "Chiang Rai Provincial Police", "ภ.จว.เชียงราย",
    ),
)  # fmt: skip

DISTRICT = (
    AgencyRow(
        "dopa", "dopa_57", "district_office", "ที่ว่าการอำเภอ{th}", "{en} District Office",
    ),
    AgencyRow(
        "cdd", "cdd_57", "district_office", "สำนักงานพัฒนาชุมชนอำเภอ{th}",
        "{en} District Community Development Office", "สพอ.{th}",
    ),
    AgencyRow(
        "moph", "moph_57", "district_office", "สำนักงานสาธารณสุขอำเภอ{th}",
        "{en} District Public Health Office", "สสอ.{th}",
    ),
    AgencyRow(
        "doae", "doae_57", "district_office", "สำนักงานเกษตรอำเภอ{th}",
        "{en} District Agricultural Extension Office",
    ),
    AgencyRow(
        "dole", "dole_57", "district_office", "ศูนย์ส่งเสริมการเรียนรู้ระดับอำเภอ{th}",
        "{en} District Learning Encouragement Centre", "สกร.ระดับอำเภอ{th}",
    ),
    AgencyRow(
        "rtp", "rtp_57", "service_unit", "สถานีตำรวจภูธร{th}", "{en} Police Station", "สภ.{th}",
    ),
)  # fmt: skip
"""One of each per district. ``dopa`` is the district chief's own; the others answer to it too."""
