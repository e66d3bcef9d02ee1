"""The quotas of a new account: AWS's own names, codes and default values.

Source: the tables of quotas in the AWS General Reference, and Service Quotas' own listing.
"""

from dataclasses import dataclass


@dataclass(frozen=True)
class Quota:
    """A quota as AWS sets it.

    Attributes:
        service: Code of the service.
        service_name: Name of the service.
        code: Code of the quota.
        name: Name of the quota.
        value: The default.
        everywhere: Whether it is one for all regions.
    """

    service: str
    service_name: str
    code: str
    name: str
    value: float
    everywhere: bool = False


EC2 = ("ec2", "Amazon Elastic Compute Cloud (Amazon EC2)")
ELB = ("elasticloadbalancing", "Elastic Load Balancing (ELB)")
VPC = ("vpc", "Amazon Virtual Private Cloud (Amazon VPC)")
STANDARD = "Running On-Demand Standard (A, C, D, H, I, M, R, T, Z) instances"

DEFAULTS = (
    Quota(*VPC, "L-F678F1CE", "VPCs per Region", 5),
    Quota(*VPC, "L-A4707A72", "Internet gateways per Region", 5),
    Quota(*VPC, "L-FE5A380F", "NAT gateways per Availability Zone", 5),
    Quota(*VPC, "L-407747CB", "Subnets per VPC", 200),
    Quota(*VPC, "L-589F43AA", "Route tables per VPC", 200),
    Quota(*VPC, "L-E79EC296", "VPC security groups per Region", 2500),
    Quota(*VPC, "L-0EA8095F", "Inbound or outbound rules per security group", 60),
    Quota(*VPC, "L-29B6F2EB", "Interface VPC endpoints per VPC", 50),
    Quota(*EC2, "L-0263D0A3", "EC2-VPC Elastic IPs", 5),
    Quota(*EC2, "L-1216C47A", STANDARD, 5),
    Quota("fargate", "AWS Fargate", "L-3032A538", "Fargate On-Demand vCPU resource count", 6),
    Quota("fargate", "AWS Fargate", "L-36FBB829", "Fargate Spot vCPU resource count", 6),
    Quota(*ELB, "L-53DA6B97", "Application Load Balancers per Region", 50),
    Quota(*ELB, "L-B22855CB", "Target Groups per Region", 3000),
    Quota(
        "rds", "Amazon Relational Database Service (Amazon RDS)", "L-7B6409FD", "DB instances", 40
    ),
    Quota("elasticache", "Amazon ElastiCache", "L-DFE45DF3", "Nodes per Region", 300),
    Quota(
        "kafka",
        "Amazon Managed Streaming for Kafka (MSK)",
        "L-EDD31C36",
        "Number of brokers per account",
        90,
    ),
    Quota("eks", "Amazon Elastic Kubernetes Service (Amazon EKS)", "L-1194D53C", "Clusters", 100),
    Quota("lambda", "AWS Lambda", "L-B99A9384", "Concurrent executions", 1000),
    Quota(
        "s3",
        "Amazon Simple Storage Service (Amazon S3)",
        "L-DC2B2D3D",
        "General purpose buckets",
        10_000,
        everywhere=True,
    ),
    Quota(
        "iam",
        "AWS Identity and Access Management (IAM)",
        "L-FE177D64",
        "Roles per account",
        1000,
        everywhere=True,
    ),
)
HOME = "us-east-1"
"""Where the quotas of services without regions are kept."""
