"""What every page, export and document made from demonstration data carries."""

DEMO_MARK = "演示数据，非真实考核结果"
